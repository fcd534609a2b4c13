"""The witness as one file, for a machine that has Python and `cryptography` and has never seen Jiandu."""

import shutil
import zipapp
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import domain.proof
import ops.witness

PACKAGES: Final = (domain.proof, ops.witness)
START: Final = "ops.witness.words:main"


def pack(target: Path) -> None:
    """Writes a zip application, whole or not at all: `python witness.pyz` says the words. Raises OSError."""
    half = target.with_name(f"{target.name}.part")
    with TemporaryDirectory() as name, ExitStack() as behind:
        behind.callback(half.unlink, missing_ok=True)
        folder = Path(name)
        for package in PACKAGES:
            _copy(package.__name__, Path(str(package.__file__)).parent, folder)
        zipapp.create_archive(folder, half, "/usr/bin/env python3", START, compressed=True)
        half.replace(target)


def _copy(dotted: str, source: Path, folder: Path) -> None:
    place = folder.joinpath(*dotted.split("."))
    shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__"))
    (place.parent / "__init__.py").touch()
