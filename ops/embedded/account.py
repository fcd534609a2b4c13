"""Whom the database runs as: PostgreSQL refuses root, so root hands it to an account that owns nothing else."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.embedded.failures import EmbeddedPostgresError

ACCOUNT_NAME: Final = "jiandu"
STATE_DIR: Final = Path("/var/lib/jiandu")
"""Where root keeps what the account must reach and cannot reach where it lies."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group the database's processes run as; `is_other` where that is not who we are."""

    uid: int
    gid: int
    is_other: bool

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Runs to the end as the account. Raises OSError where the account cannot reach the program."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, command: Sequence[str | Path], *, stdout: int, stderr: int) -> subprocess.Popen[str]:
        """Starts as the account, in a session of its own, with none of our environment (PGDATA, PGOPTIONS …)."""
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            cwd="/",  # ours may be closed to the account
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            text=True,
            umask=0o077,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the database when we are done with it
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def own(self, path: Path) -> None:
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, directory: Path) -> bool:
        return self.run(["test", "-x", directory]).returncode == 0


def account_for(cluster: Path) -> Account:
    """Ourselves; for root, who already owns the cluster's files, or else the account jiandu, made if missing.

    Raises EmbeddedPostgresError where no account can be made, or the cluster belongs to somebody else.
    """
    ours = os.geteuid()
    owner = cluster.stat() if cluster.exists() else None
    if ours != 0:
        if owner is not None and owner.st_uid != ours:
            raise EmbeddedPostgresError(
                f"{cluster} belongs to user id {owner.st_uid}, but this process runs as {ours}."
                " 数据目录属于另一个用户。 Run as that user, or choose another JIANDU_DATA_DIR."
            )
        return Account(ours, os.getegid(), is_other=False)
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, is_other=True)
    entry = _system_account()
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        _make_system_account()
    return pwd.getpwnam(ACCOUNT_NAME)


def _make_system_account() -> None:
    if shutil.which("useradd"):
        command = ["useradd", "--system", "--user-group", "--home-dir", str(STATE_DIR), "--no-create-home"]
        command += ["--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    elif shutil.which("adduser"):  # BusyBox
        command = ["adduser", "-S", "-D", "-H", "-h", str(STATE_DIR), "-s", "/sbin/nologin", ACCOUNT_NAME]
    else:
        command = ["false"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        pwd.getpwnam(ACCOUNT_NAME)  # another process may have made it meanwhile
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and the user {ACCOUNT_NAME} could not be made: {made.stderr.strip()}."
            " 数据库不能以 root 运行，且无法建立专用系统用户。 Make the user, or run jiandu as an ordinary user."
        ) from None
