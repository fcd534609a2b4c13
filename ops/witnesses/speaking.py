"""Speaking with one witness over HTTP.  Source: C2SP tlog-witness."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final

import httpx

from domain.proof.note import Key, MalformedNote, Note, NotSigned, Signature, cosigned_at, opened
from ops.witness.desk import SIZE
from ops.witness.submission import submitted

ANSWER_SECONDS: Final = 10.0
MOST_BYTES: Final = 64 * 1024
SKEW_SECONDS: Final = 300
"""So far a witness's clock and ours may differ. Whose is wrong, people must find out: either can be used to back-date."""

_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


class Unreachable(Exception):  # noqa: N818  — it reads as what has happened
    """The witness did not answer, or could not."""


class Lying(Exception):  # noqa: N818
    """The witness's answer is not what it claims to be; the message says why."""


@dataclass(frozen=True, slots=True)
class Cosigned:
    signature: Signature


@dataclass(frozen=True, slots=True)
class Remembers:
    """It cosigned a tree of this size last, and not the one that was named."""

    size: int


@dataclass(frozen=True, slots=True)
class Refused:
    status: int


Said = Cosigned | Remembers | Refused


class Voice:
    """One witness, at its submission prefix. Raises Unreachable, Lying."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, key: Key, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._client, self._url, self._key, self._clock = client, url.rstrip("/"), key, clock

    async def submit(self, old: int, proof: Sequence[bytes], note: bytes) -> Said:
        status, kind, body = await self._ask("POST", "/add-checkpoint", submitted(old, proof, note))
        if status == HTTPStatus.OK:
            return Cosigned(self._line(note, body))
        if status == HTTPStatus.CONFLICT and kind == SIZE:
            match = _SIZE.fullmatch(body)
            if match is None:
                raise Lying("its size is no number")
            return Remembers(int(match[1]))
        return Refused(status)

    async def latest(self, origin: str) -> Note | None:
        """The largest checkpoint it cosigned, if it shows it. Whoever asks checks the log's signature."""
        status, _, body = await self._ask("GET", f"/{sha256(origin.encode()).hexdigest()}/checkpoint", b"")
        try:
            note = Note.from_bytes(body) if status == HTTPStatus.OK else None
        except MalformedNote as error:
            raise Lying("what it shows is no checkpoint") from error
        return note

    def _line(self, note: bytes, body: bytes) -> Signature:
        try:
            signature = opened(Note.from_bytes(note + body), [self._key])[-1]
        except (MalformedNote, NotSigned) as error:
            raise Lying("its cosignature does not hold") from error
        if abs(cosigned_at(signature.value) - self._clock()) > SKEW_SECONDS:
            raise Lying("its clock and ours differ by more than five minutes")
        return signature

    async def _ask(self, method: str, path: str, content: bytes) -> tuple[int, str, bytes]:
        try:
            async with self._client.stream(method, self._url + path, content=content) as answer:
                body = bytearray()
                async for piece in answer.aiter_raw():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise Lying("its answer has no end")
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from error
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unreachable(f"status {answer.status_code}")
        return answer.status_code, answer.headers.get("content-type", ""), bytes(body)


def a_client() -> httpx.AsyncClient:
    """Follows nobody elsewhere, and no proxy of the environment."""
    return httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False)
