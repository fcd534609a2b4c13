"""Starting, watching and stopping the embedded PostgreSQL."""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import psycopg
import structlog

from ops.embedded import cluster as files
from ops.embedded.account import STATE_DIR, Account, account_for
from ops.embedded.binaries import Binaries, binaries_for
from ops.embedded.failures import EmbeddedPostgresError
from ops.embedded.ownership import OwnerLock, is_owned
from ops.embedded.processes import clear_away_predecessors, clear_away_socket, postmaster_file

DATABASE: Final = "jiandu"
LONGEST_SOCKET_DIR: Final = 107 - len(f"/.s.PGSQL.{files.PORT}")
"""Bytes: the kernel allows 107 for the whole path of a socket."""
LOG_KEPT_BYTES: Final = 8 * 2**20
STATUS_LINE: Final = 7
SOCKET_DIR_LINE: Final = 4

_log = structlog.get_logger(__name__)


def _say(message: str) -> None:
    _log.info("database_progress", message=message)


class EmbeddedPostgres:
    """A PostgreSQL that belongs to one data directory and one process; a context manager.

    `bin_dir`: the programs of another installation (15 or newer) instead of the wheel's.
    `start_timeout_seconds`: crash recovery replays what was written since the last checkpoint, which can take long.
    `restarts_itself`: after one of its processes crashed; else it ends, for who watches it and starts it again.
    `report`: is told, in a sentence, what a slow start is doing.
    `reachable_dir`: where root puts what its database account cannot reach where it lies.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        bin_dir: Path | None = None,
        start_timeout_seconds: float = 900,
        stop_timeout_seconds: float = 120,
        restarts_itself: bool = True,
        report: Callable[[str], None] = _say,
        reachable_dir: Path = STATE_DIR,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._bin_dir = bin_dir
        self._start_timeout_seconds = start_timeout_seconds
        self._stop_timeout_seconds = stop_timeout_seconds
        self._restarts_itself = restarts_itself
        self._report = report
        self._reachable_dir = reachable_dir
        self._lock = OwnerLock(self.data_dir)
        self._process: subprocess.Popen[str] | None = None
        self._cluster: Path | None = None
        self._socket_dir: Path | None = None

    def __enter__(self) -> Self:
        """Raises DataDirInUse, EmbeddedPostgresError."""
        self.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        self._lock.take()
        try:
            self.start()
            _ensure_database(self._dsn("postgres"))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def dsn(self) -> str:
        """A libpq URL for the superuser, with its password: keep it out of logs."""
        return self._dsn(DATABASE)

    @property
    def cluster(self) -> Path:
        """PGDATA. Raises EmbeddedPostgresError before the first start."""
        if self._cluster is None:
            raise EmbeddedPostgresError("The embedded database has not been started. 数据库尚未启动。")
        return self._cluster

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it, or starts it again after it died; returns when it takes connections.

        Raises EmbeddedPostgresError with the last lines of its log.
        """
        if self.is_running:
            return
        account = account_for(files.place_of(self.data_dir))
        binaries = binaries_for(account, self._bin_dir, self._reachable_dir)
        self._cluster = files.prepare(self.data_dir, account, binaries, self._reachable_dir)
        if clear_away_predecessors(self._cluster, timeout_seconds=self._stop_timeout_seconds):
            self._report("stopped the database of an owner that was killed; 已停止上次遗留的数据库进程")
        self._socket_dir = self._socket_dir or _socket_dir(self._cluster, account)
        clear_away_socket(self._cluster, self._socket_dir, files.PORT)
        files.write_settings(self._cluster, account, self._socket_dir)
        self._process = self._launch(account, binaries)
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Fast shutdown: connections are ended, a checkpoint is written, the next start recovers nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            process.send_signal(number)
            try:
                process.wait(self._stop_timeout_seconds)
            except subprocess.TimeoutExpired:
                _log.warning("database_stops_slowly", signal=number.name)
            else:
                return

    def close(self) -> None:
        """Stops and gives the data directory back."""
        try:
            self.stop()
        finally:
            if self._socket_dir is not None and self._socket_dir.parent != self.cluster.parent:
                shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None
            self._lock.release()

    def _dsn(self, database: str) -> str:
        return _url(files.password_of(self.data_dir), database, str(self._socket_dir))

    def _launch(self, account: Account, binaries: Binaries) -> subprocess.Popen[str]:
        log = self._log_file
        if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            log.chmod(0o600)
            command: list[str | Path] = [binaries.program("postgres"), "-D", self.cluster]
            command += [] if self._restarts_itself else ["-c", "restart_after_crash=off"]
            return account.start(command, stdout=output.fileno(), stderr=output.fileno())

    @property
    def _log_file(self) -> Path:
        return self.data_dir / "postgres.log"

    def _wait_until_ready(self, process: subprocess.Popen[str]) -> None:
        started = time.monotonic()
        next_report = started + 3
        while not self._is_ready(process):
            now = time.monotonic()
            if process.poll() is not None:
                raise EmbeddedPostgresError(
                    f"PostgreSQL ended while starting. 数据库启动失败。\n{self._tail()}"
                )
            if now - started > self._start_timeout_seconds:
                raise EmbeddedPostgresError(
                    f"PostgreSQL was not ready after {self._start_timeout_seconds:.0f} s. 数据库启动超时。\n{self._tail()}"
                )
            if now > next_report:
                next_report = now + 5
                self._report(f"the database is starting 数据库正在启动: {self._tail(lines=1)}")
            time.sleep(0.02)

    def _is_ready(self, process: subprocess.Popen[str]) -> bool:
        lines = postmaster_file(self.cluster)
        return (
            len(lines) > STATUS_LINE
            and lines[0] == str(process.pid)
            and lines[STATUS_LINE].strip() == "ready"
        )

    def _tail(self, *, lines: int = 8) -> str:
        text = self._log_file.read_bytes()[-8000:].decode(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def running_dsn(data_dir: Path) -> str | None:
    """The URL of the database that another process runs in `data_dir` now; None where none is running.

    For those who may read the password file: the owner of the directory, or root.
    """
    data_dir = data_dir.absolute()
    if not is_owned(data_dir):
        return None
    lines = postmaster_file(files.place_of(data_dir))
    if len(lines) <= STATUS_LINE or lines[STATUS_LINE].strip() != "ready":
        return None
    return _url(files.password_of(data_dir), DATABASE, lines[SOCKET_DIR_LINE])


def _url(password: str, database: str, socket_dir: str) -> str:
    place = f"host={quote(socket_dir, safe='')}&port={files.PORT}"
    return f"postgresql://{files.SUPERUSER}:{quote(password)}@/{database}?{place}"


def _socket_dir(cluster: Path, account: Account) -> Path:
    """Beside the cluster, or below the temporary directory where that path is too long for a socket."""
    place = cluster.parent / "socket"
    if len(bytes(place)) > LONGEST_SOCKET_DIR:
        place = Path(tempfile.mkdtemp(prefix="jiandu-", dir="/tmp"))  # a directory of our own, 0700
    place.mkdir(mode=0o700, exist_ok=True)
    place.chmod(0o700)
    account.own(place)
    return place


def _ensure_database(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is None:
            connection.execute(f"create database {DATABASE}")
