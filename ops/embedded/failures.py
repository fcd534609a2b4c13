"""Why the embedded database can refuse to start; each message is a sentence for people."""

from pathlib import Path

from ops.failures import CannotDo


class EmbeddedPostgresError(CannotDo):
    """The embedded PostgreSQL cannot do what was asked."""


class DataDirInUse(EmbeddedPostgresError):  # noqa: N818  — it reads as a word of the operator's
    """Another process owns the data directory."""

    def __init__(self, data_dir: Path, owner_pid: int | None) -> None:
        owner = f"process {owner_pid}" if owner_pid else "another process"
        super().__init__(
            f"{data_dir} is in use by {owner}. 数据目录正被进程 {owner_pid or '?'} 使用。"
            " Stop it first, or choose another directory with JIANDU_DATA_DIR."
        )
        self.owner_pid = owner_pid
