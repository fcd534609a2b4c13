"""The files of a database cluster: made once, whole or not at all, with settings that keep every commit."""

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ops.embedded.account import Account
from ops.embedded.binaries import Binaries
from ops.embedded.failures import EmbeddedPostgresError

SUPERUSER: Final = "jiandu_owner"
PORT: Final = 5432
"""Only a part of the socket's name; nothing listens on TCP."""
FIRST_WITH_BUILTIN_LOCALE: Final = 17

SETTINGS: Final = """\
# Written anew at every start. Your own settings go into local.conf beside this file.
listen_addresses = ''                  # no TCP: only the private socket
port = {port}
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'

fsync = on                             # what was acknowledged survives a power cut
synchronous_commit = on
full_page_writes = on
checkpoint_timeout = '5min'
max_wal_size = '2GB'

max_connections = 100
shared_buffers = '128MB'
jit = off                              # compiling costs more than our short statements take
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'

log_line_prefix = '%m [%p] '
log_error_verbosity = 'terse'          # no details: they quote values, and values can be personal data
log_min_error_statement = 'panic'      # likewise statements
log_checkpoints = off
log_startup_progress_interval = '2s'

include_if_exists = 'local.conf'
"""


def place_of(data_dir: Path) -> Path:
    """Where the cluster of `data_dir` lies or will lie, links followed."""
    return (data_dir / "postgres").resolve()


def is_made(data_dir: Path) -> bool:
    """Also where it is gone from where a link says that it lies."""
    link = data_dir / "postgres"
    return link.exists() or link.is_symlink()


def prepare(data_dir: Path, account: Account, binaries: Binaries, reachable_dir: Path) -> Path:
    """The cluster of `data_dir`, made where there is none yet.

    Where root's account cannot enter `data_dir`, the cluster lies below `reachable_dir` and a link leads there.
    Raises EmbeddedPostgresError where it was made by another major version.
    """
    link = data_dir / "postgres"
    if not link.exists():
        home = data_dir if account.can_enter(data_dir) else _home_elsewhere(link, reachable_dir)
        _make(home / "postgres", account, binaries, password_file=data_dir / "password")
        if home != data_dir:
            link.symlink_to(home / "postgres")
    cluster = link.resolve()
    _expect_version(cluster, binaries)
    return cluster


def password_of(data_dir: Path) -> str:
    return (data_dir / "password").read_text(encoding="ascii").strip()


def write_settings(cluster: Path, account: Account, socket_dir: Path) -> None:
    target = cluster / "postgresql.conf"
    target.write_text(SETTINGS.format(socket_dir=socket_dir, port=PORT), encoding="utf-8")
    target.chmod(0o600)
    account.own(target)


def _home_elsewhere(link: Path, reachable_dir: Path) -> Path:
    if link.is_symlink():
        raise EmbeddedPostgresError(
            f"{link} leads to {link.readlink()}, which is gone. 数据库文件已不存在。"
            " Put it back, or remove the link to begin an empty database."
        )
    reachable_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="data-", dir=reachable_dir))
    home.chmod(0o711)
    return home


def _make(cluster: Path, account: Account, binaries: Binaries, *, password_file: Path) -> None:
    """Made under another name and renamed: a start that was interrupted leaves nothing half made."""
    draft = cluster.with_name("postgres.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=cluster.parent) as handed_over:
        password = secrets.token_urlsafe(32)
        handed_over.write(password + "\n")
        handed_over.flush()
        account.own(Path(handed_over.name))
        made = account.run(_initdb(binaries, draft, Path(handed_over.name)))
    if made.returncode != 0:
        raise EmbeddedPostgresError(f"initdb failed. 数据库初始化失败。 {made.stderr.strip()}")
    _write_private(password_file, password + "\n")
    draft.rename(cluster)
    _sync(cluster.parent)


def _initdb(binaries: Binaries, cluster: Path, password_file: Path) -> list[str | Path]:
    locale = ["--locale=C"]
    if binaries.major >= FIRST_WITH_BUILTIN_LOCALE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        binaries.program("initdb"),
        f"--pgdata={cluster}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        *locale,
        "--data-checksums",
        "--no-instructions",
    ]


def _expect_version(cluster: Path, binaries: Binaries) -> None:
    made_by = int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    if made_by != binaries.major:
        raise EmbeddedPostgresError(
            f"{cluster} was made by PostgreSQL {made_by}, and {binaries.bin_dir} is {binaries.major}."
            " 数据库版本不符。 Dump it with the old version and load it into a new directory."
        )


def _write_private(target: Path, text: str) -> None:
    draft = target.with_name(target.name + ".draft")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)
    _sync(target.parent)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
