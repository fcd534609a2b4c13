"""Why sealing does not go on, in words: by the code that stands in the database."""

from typing import Final

TROUBLES: Final = {
    "unsigned-log": (
        "日志尚无签名钥，未封印；请运行 jiandu keys adopt。",
        "The log has no keys and is not sealed: run `jiandu keys adopt`.",
    ),
    "no-log-key": (
        "密钥目录中没有可用的日志签名钥。",
        "The key folder holds no log key that counts: bring it back, or rotate.",
    ),
    "memory-missing": (
        "封印记忆文件不在；如为新机器，请核对后运行 jiandu seal remember。",
        "The seal's memory is missing: on a new machine, compare with a witness, then run `jiandu seal remember`.",
    ),
    "memory-contradicts": (
        "数据库中的树与已签署的不符：记录曾被改动。请保全现场并运行 jiandu verify。",
        "The tree in the database contradicts what was signed: the record was changed. Change nothing; run `jiandu verify`.",
    ),
    "log-shorter": (
        "日志短于已签署的树：末尾记录丢失或被删。请保全现场。",
        "The log is shorter than the tree that was signed: its end was lost or removed. Keep everything as it is.",
    ),
    "memory-unreadable": ("封印记忆文件无法读取。", "The seal's memory cannot be read."),
    "keys-unreadable": ("签名钥或记忆文件无法使用。", "A key file or the memory cannot be used."),
    "quarantine": (
        "有记录被隔离，其后均未封印；查明后用 jiandu keys adopt 认领。",
        "An event is quarantined and nothing behind it is sealed; once explained, adopt it with `jiandu keys adopt`.",
    ),
}


def told_trouble(trouble: str) -> tuple[str, str]:
    """Chinese and English for a code, which may be followed by a position."""
    code, _, position = trouble.partition(" ")
    zh, en = TROUBLES.get(code, ("封印停止。", "Sealing has stopped."))
    return (f"{position}：{zh}", f"{position}: {en}") if position else (zh, en)
