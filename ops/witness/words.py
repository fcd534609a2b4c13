"""What a witness's keeper can say: `python witness.pyz …`, `python -m ops.witness …` or `jiandu witness …`."""

import argparse
import errno
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from domain.proof.note import COSIGNATURE, ED25519, Key, Signer
from domain.proof.policy import MalformedPolicy, Policy
from ops.witness import checking, keys
from ops.witness.desk import ClockBehind, Desk
from ops.witness.disk import sync_folder, write_whole
from ops.witness.memory import MemoryDamaged
from ops.witness.packing import pack
from ops.witness.serving import Server, say, tls_from
from ops.witness.stick import answer_all
from ops.witness.usage import Grammar, host_and_port

TROUBLES: Final[Mapping[type[Exception], str]] = {
    FileExistsError: "此处已有见证人，其密钥只造一次 There is a witness here already; its key is made once",
    FileNotFoundError: "没有该文件；见证人须先 create 建立 There is no such file; a witness begins with `create`",
    PermissionError: "无权读写 This may not be read or written",
    OSError: "文件或网络不可用 A file or the network cannot be used",
    MalformedPolicy: "logs 文件有误 The list of logs is broken",
    MemoryDamaged: "见证人的记忆受损，不再签名 The memory is damaged; nothing is signed",
    ClockBehind: "时钟早于上次见证，不予签名 The clock is behind the last cosignature; nothing is signed",
    ValueError: "所给内容不可用 What was given cannot be used",
}
"""What a keeper can put right: said in a sentence, without a traceback. The narrower kind stands first."""
NO_LOGS: Final = """\
# 受信任的记录（日志）：每行一条。 The logs this witness trusts, one a line: log <vkey>
quorum none
"""


def main(arguments: Sequence[str] | None = None, *, called: str = "witness") -> NoReturn:
    asked = _grammar(called).parse_args(arguments)
    try:
        code: int = asked.do(asked)
    except tuple(TROUBLES) as trouble:
        said = next(said for kind, said in TROUBLES.items() if isinstance(trouble, kind))
        print(f"witness: {said}: {trouble}", file=sys.stderr)
        code = 1
    raise SystemExit(code)


def create(asked: argparse.Namespace) -> int:
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = asked.folder / "key"
    if key.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(key))
    signer = _founded(key, asked.name)
    print(f"已建立见证人。将此公钥交给县里 Made. Give this public key to the county:\n\n{_vkey(signer)}\n")
    return 0


def _founded(key: Path, name: str) -> Signer:
    """The key last: with it there is a witness, and without it nothing is left that another attempt would meet."""
    logs = key.with_name("logs")
    write_whole(logs, NO_LOGS.encode())
    try:
        signer = keys.create(key, name)
    except (OSError, ValueError):
        if not key.exists():  # else somebody was faster, and the list is theirs
            logs.unlink()
        raise
    sync_folder(key.parent)
    return signer


def trust(asked: argparse.Namespace) -> int:
    key = Key.from_vkey(asked.vkey)
    if key.kind != ED25519:
        raise ValueError(
            "this is not the key of a log: a witness's, perhaps? 这不是记录的公钥，或为见证人的公钥。"
        )
    path = asked.folder / "logs"
    if key in Policy.from_bytes(path.read_bytes()).log_keys(key.name):
        print(f"此前已受信任，未作改动 Trusted before; nothing was changed: {key.name}")
        return 0
    changed = path.read_bytes() + f"log {key.vkey()}\n".encode()
    Policy.from_bytes(changed)
    write_whole(path, changed)
    print(f"今后见证 From now on this witness cosigns: {key.name}")
    return 0


def public_key(asked: argparse.Namespace) -> int:
    print(_vkey(Desk.at(asked.folder).signer))
    return 0


def serve(asked: argparse.Namespace) -> int:
    desk = Desk.at(asked.folder)
    tls = tls_from(asked.certificate, asked.certificate_key) if asked.certificate else None
    with Server(asked.listen, desk, tls=tls) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _leave)
        host, port = asked.listen[0], server.server_address[1]
        print(f"见证人已就绪 The witness is ready: {'https' if tls else 'http'}://{host}:{port}/", flush=True)
        say("serving", logs=[log.name for log in desk.logs.logs])
        server.serve_forever()
    return 0


def cosign(asked: argparse.Namespace) -> int:
    """0 where everything on the stick was cosigned, 1 where something was not, 2 where nothing was there."""
    answers = list(answer_all(Desk.at(asked.folder), asked.stick))
    for each in answers:
        print(
            f"{'已见证 cosigned' if each.is_cosigned else '未见证 not cosigned'}: {each.path.name}\n  {each.said}"
        )
    if not answers:
        print(f"没有 *.submission 文件 No file *.submission in {asked.stick}")
        return 2
    return 0 if all(each.is_cosigned for each in answers) else 1


def latest(asked: argparse.Namespace) -> int:
    """The largest checkpoint of each log, as an auditor takes it away."""
    desk = Desk.at(asked.folder)
    for standing in checking.standings(desk):
        if standing.last:
            note = standing.last.note(standing.origin)
            print(
                note.signed_by(desk.signer.cosign(note.text, standing.last.time)).to_bytes().decode(), end=""
            )
    return 0


def check(asked: argparse.Namespace) -> int:
    """0 where all is well; 1 where the memory is damaged, the key is exposed, or there is evidence."""
    desk = Desk.at(asked.folder)
    standings, kept = list(checking.standings(desk)), checking.evidence(desk)
    exposed = checking.exposed(asked.folder)
    for standing in standings:
        _tell(standing)
    if exposed:
        print("密钥可被他人读取，请执行 chmod 600 key。 Others may read the key: chmod 600 key")
    for piece in kept:
        print(f"证据 evidence: {piece.kind}  {_when(piece.since)}  {piece.folder}")
    is_well = not kept and not exposed and not any(each.damage for each in standings)
    print("一切正常 All is well." if is_well else "请查看上列事项 Look into what stands above.")
    return 0 if is_well else 1


def pack_up(asked: argparse.Namespace) -> int:
    pack(asked.file)
    print(f"{asked.file}: python3 {asked.file} --help")
    return 0


def _tell(standing: checking.Standing) -> None:
    print(standing.origin)
    if standing.last:
        print(
            f"  已见证 cosigned {standing.cosigned}; 最大 largest {standing.last.size}, {_when(standing.last.time)}"
        )
    if standing.damage:
        print(f"  记忆受损 the memory is damaged: {standing.damage}")
    if not standing.last and not standing.damage:
        print("  尚未见证 nothing cosigned yet")


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _vkey(signer: Signer) -> str:
    return signer.key(COSIGNATURE).vkey()


def _leave(_number: int, _frame: object) -> NoReturn:
    """What a request has written is on the disk already, or was never answered."""
    sys.stderr.flush()
    os._exit(0)


Argument = tuple[tuple[str, ...], Mapping[str, Any]]


class Word(NamedTuple):
    said: str
    do: Callable[[argparse.Namespace], int]
    help: str
    arguments: tuple[Argument, ...]


FOLDER: Final[Argument] = ("folder",), {"type": Path, "help": "见证人的文件夹 · the witness's own folder"}
WORDS: Final = (
    Word(
        "create",
        create,
        "建立见证人及其密钥 · make a witness and its key",
        (FOLDER, (("--name",), {"required": True, "help": "名称，如 jw.example.gov.cn/qingxi · for ever"})),
    ),
    Word(
        "trust",
        trust,
        "见证某县记录 · cosign this log from now on",
        (FOLDER, (("vkey",), {"help": "该记录的公钥 · the log's key: <origin>+<identifier>+<key>"})),
    ),
    Word("key", public_key, "显示公钥 · show the public key", (FOLDER,)),
    Word(
        "serve",
        serve,
        "联网见证 · cosign over HTTP",
        (
            FOLDER,
            (
                ("--listen",),
                {
                    "type": host_and_port,
                    "default": "127.0.0.1:8090",
                    "help": "主机:端口 · host:port (%(default)s)",
                },
            ),
            (("--certificate",), {"type": Path, "help": "TLS 证书 · certificate chain, PEM"}),
            (("--certificate-key",), {"type": Path, "help": "TLS 私钥 · its key, PEM"}),
        ),
    ),
    Word(
        "cosign",
        cosign,
        "用 U 盘见证 · cosign what is on a USB stick",
        (FOLDER, (("stick",), {"type": Path, "help": "U 盘上的文件夹 · the folder on the stick"})),
    ),
    Word("latest", latest, "最新检查点 · the largest checkpoints cosigned", (FOLDER,)),
    Word("check", check, "自查 · is the memory whole, is there evidence?", (FOLDER,)),
    Word(
        "pack",
        pack_up,
        "打包为单个文件 · write the witness as one file",
        ((("file",), {"type": Path, "help": "例如 for example witness.pyz"}),),
    ),
)


def _grammar(called: str) -> Grammar:
    grammar = Grammar(
        called, description="见证人：只见证只增不改的记录。 A witness: it cosigns logs that only grow."
    )
    words = grammar.add_subparsers(required=True, metavar="WORD")
    for each in WORDS:
        word = words.add_parser(each.said, help=each.help, description=each.help)
        for names, told in each.arguments:
            word.add_argument(*names, **told)
        word.set_defaults(do=each.do)
    return grammar
