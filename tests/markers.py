"""Planted personal data, and a search for them in whatever was kept: raw bytes, hexadecimal, files of any kind."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.numbers import identity_check

PLANTED = 1000
IDENTITY = re.compile(rb"990001(?:19|20)[0-9]{9}[0-9Xx]")
PHONE = re.compile(rb"13900[0-9]{6}")
NAME = re.compile("标甲".encode() + rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){3}")
ADDRESS = re.compile("标乙村".encode() + rb"[0-9]{4}")
SHAPES = (IDENTITY, PHONE, NAME, ADDRESS)
HEX = re.compile(rb"(?:[0-9a-f]{2}){40,}")
DIGITS = "零一二三四五六七八九"


def person(number):
    """The number-th person, whose every value is told from everything else in the world."""
    body = f"99000119{70 + number % 30}0101{number:03d}"
    return {
        "name": f"标甲{''.join(DIGITS[int(digit)] for digit in f'{number:03d}')}",
        "id_type": "111",
        "id_number": body + identity_check(body),
        "phone": f"13900{number:06d}",
        "address": f"标乙村{number:04d}号",
    }


class Markers:
    """What must be found nowhere."""

    def __init__(self, people: Iterable[dict]) -> None:
        values = [value for each in people for key, value in each.items() if key != "id_type"]
        self._values = {value.removesuffix("号").encode() for value in values}

    def within(self, content: bytes) -> set[str]:
        """The markers that stand in the bytes, plain or in hexadecimal as dumps write bytes."""
        found = set(self._plain(content))
        for digits in HEX.findall(content):
            found.update(self._plain(bytes.fromhex(digits.decode())))
        return {value.decode() for value in found}

    def in_files(self, folder: Path) -> dict[str, set[str]]:
        """By file: a cluster's tables and write-ahead log, logs, keys, whatever lies there."""
        found = {}
        for path in folder.rglob("*"):
            if path.is_file() and (here := set(self._plain(path.read_bytes()))):
                found[str(path.relative_to(folder))] = {value.decode() for value in here}
        return found

    def _plain(self, content: bytes) -> Iterator[bytes]:
        for shape in SHAPES:
            for value in shape.findall(content):
                if value in self._values or value.upper() in self._values:
                    yield value
