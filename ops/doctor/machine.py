"""The machine: interpreter, settings, disk."""

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ops import settings
from ops.doctor.findings import Finding, Health
from ops.settings import Settings

OLDEST_PYTHON: Final = (3, 11)
GIB: Final = 2**30
ENOUGH_BYTES: Final = 5 * GIB
TOO_LITTLE_BYTES: Final = GIB // 2


def findings(chosen: Settings) -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding.judged(sys.version_info >= OLDEST_PYTHON, f"Python {version}", f"Python {version}")
    for name in settings.unknown():
        yield Finding(Health.doubtful, f"{name} 不是有效设置", f"{name} is no setting; see docs/settings.md")
    if chosen.database_url is None:
        yield _disk(chosen.data_dir)


def _disk(data_dir: Path) -> Finding:
    place = next(path for path in (data_dir.absolute(), *data_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    zh, en = f"磁盘剩余 {free / GIB:.1f} GiB", f"{free / GIB:.1f} GiB free on the disk"
    worse = Health.ill if free < TOO_LITTLE_BYTES else Health.doubtful
    return Finding.judged(free >= ENOUGH_BYTES, zh, en, otherwise=worse)
