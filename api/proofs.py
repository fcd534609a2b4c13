"""存证 proofs: the log's checkpoints, tiles and proofs as C2SP spells them, for tools that were not written here."""

import re
from base64 import b64encode
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from api.answers import Shown, json_answer
from api.door import Entrance, door_of
from api.events import FARTHEST, whole
from api.identity import IDENTIFIED
from api.openapi import BASE, PUBLIC, problems
from api.refusals.seal import CheckpointUnknown, NotSealed, PositionNotSealed, SizesDoNotFit, TileUnknown
from api.shown import example_rows, shown
from domain.proof.leaf import HASH_BYTES
from domain.proof.signing import Term
from domain.proof.tiles import WIDTH
from domain.store.seal_reading import Kept, SealReader

router = APIRouter(tags=["log"], route_class=Entrance)

TEXT: Final = "text/plain; charset=utf-8"
BYTES: Final = "application/octet-stream"
FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
TILE: Final = re.compile(
    r"(?P<level>entries|0|[1-9]|[1-5][0-9]|6[0-3])/(?P<number>(?:x[0-9]{3}/){0,4}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)
NOTE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "C2SP tlog-checkpoint, signed note",
        "content": {
            "text/plain": {"schema": {"type": "string"}, "example": example_rows("files")["checkpoint"]}
        },
    }
}
OCTETS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "C2SP tlog-tiles",
        "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}},
    }
}

OF_ENTRIES: Final = "<N>[.p/<W>]：分片号及宽度 / number of the tile, and its width where it is not full"
OF_HASHES: Final = "<L>/<N>[.p/<W>]：层、分片号及宽度 / level, number, and width where it is not full"
Size = Annotated[int, Field(ge=1, le=FARTHEST), BeforeValidator(whole)]


def seal_of(request: Request) -> SealReader:
    """Raises NotSealed."""
    seal = door_of(request).seal
    if seal is None:
        raise NotSealed
    return seal


async def _latest(seal: SealReader) -> Kept:
    latest = await seal.checkpoint()
    if latest is None:
        raise NotSealed
    return latest


class OfSize(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    size: Size | None = Field(None, description="某一大小的检查点；不给为最新 / left out: the latest")


@router.get(
    "/v1/log/checkpoint",
    summary="检查点 / checkpoint",
    responses={**NOTE, **problems(404, 422, 503)},
    response_class=Response,
    openapi_extra=PUBLIC,
)
async def checkpoint(request: Request, asked: Annotated[OfSize, Query()]) -> Response:
    """日志最新的签名检查点（C2SP signed-note），有见证时带见证行。

    The log's latest signed checkpoint, with the lines of witnesses that have cosigned it.
    """
    seal = seal_of(request)
    kept = await seal.checkpoint(asked.size) if asked.size else await _latest(seal)
    if kept is None:
        raise CheckpointUnknown
    cosigned = await seal.cosigned()
    is_cosigned = cosigned is not None and cosigned[0] == kept.size
    return Response(cosigned[1] if cosigned and is_cosigned else kept.note, media_type=TEXT)


@router.get(
    "/v1/log/checkpoint/cosigned",
    summary="已见证的检查点 / the last cosigned checkpoint",
    responses={**NOTE, **problems(404, 422, 503)},
    response_class=Response,
    openapi_extra=PUBLIC,
)
async def cosigned_checkpoint(request: Request) -> Response:
    """见证人最近签署过的检查点。 The last checkpoint that witnesses have cosigned."""
    cosigned = await seal_of(request).cosigned()
    if cosigned is None:
        raise CheckpointUnknown
    return Response(cosigned[1], media_type=TEXT)


@router.get(
    "/v1/log/tile/entries/{tile:path}",
    summary="叶 / entries",
    responses={**OCTETS, **problems(404, *BASE, 503)},
    response_class=Response,
    dependencies=IDENTIFIED,
)
async def entries(
    request: Request, tile: Annotated[str, Path(description=OF_ENTRIES, examples=["000.p/2"])]
) -> Response:
    """一个分片的 256 片叶（C2SP tlog-tiles entry bundle），不含个人信息。

    The leaves of a tile, each behind its length in two bytes. They hold no personal data, and no state.
    """
    seal, (_, number, width) = seal_of(request), _tile(f"entries/{tile}")
    latest = await _latest(seal)
    first = number * WIDTH + 1
    if first + width - 1 > latest.size:
        raise TileUnknown
    ring = await seal.ring()
    leaves = await seal.leaves(ring[0], first, first + width - 1) if ring else []
    told = b"".join(len(leaf).to_bytes(2) + leaf for leaf in (each.to_bytes() for each in leaves))
    return Response(told, media_type=BYTES, headers=FOR_EVER)


@router.get(
    "/v1/log/tile/{tile:path}",
    summary="分片 / tile",
    responses={**OCTETS, **problems(404, 422, 503)},
    response_class=Response,
    openapi_extra=PUBLIC,
)
async def tile_hashes(
    request: Request, tile: Annotated[str, Path(description=OF_HASHES, examples=["0/000.p/2"])]
) -> Response:
    """一个分片的散列，每个 32 字节（C2SP tlog-tiles）。 The hashes of a tile, 32 bytes each."""
    seal, (level, number, width) = seal_of(request), _tile(tile)
    hashes = (await seal.tile(level, number))[: width * HASH_BYTES]
    if len(hashes) < width * HASH_BYTES:
        raise TileUnknown
    return Response(hashes, media_type=BYTES, headers=FOR_EVER)


def _tile(path: str) -> tuple[int, int, int]:
    """Level (0 for entries), number and width. Raises TileUnknown for what is no tile's path."""
    match = TILE.fullmatch(path)
    if match is None:
        raise TileUnknown
    number = int(match["number"].replace("x", "").replace("/", ""))
    if match["number"] != _spelled(number):
        raise TileUnknown
    level = 0 if match["level"] == "entries" else int(match["level"])
    return level, number, int(match["width"] or WIDTH)


def _spelled(number: int) -> str:
    """As tlog-tiles spells it: three digits a step, all but the last with an x."""
    *above, last = (f"{number:,}".split(",")) if number else ["0"]
    return "/".join([*(f"x{int(step):03d}" for step in above), f"{int(last):03d}"])


class Inclusion(Shown):
    """What shows that a leaf stands in the tree. 包含证明。"""

    position: int = Field(description="位置，叶的序号为其减一 / the leaf's index is one less")
    size: int
    root: str = Field(description="base64")
    leaf_hash: str = Field(description="SHA-256(0x00 || leaf), base64")
    hashes: list[str] = Field(description="RFC 9162 2.1.3, base64, 自下而上 / lowest first")
    tlog_proof: str = Field(description="C2SP tlog-proof：证明与检查点 / proof and checkpoint in one text")


class ProofOf(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    position: Size = Field(description="事件的位置 / the event's position", examples=[7])
    size: Size | None = Field(
        None, description="已签署的大小；不给为最新 / a size that was signed; left out: the latest"
    )


@router.get(
    "/v1/log/proof/inclusion",
    summary="包含证明 / inclusion proof",
    responses={**shown(Inclusion, "inclusion"), **problems(404, 422, 503)},
    openapi_extra=PUBLIC,
)
async def inclusion(request: Request, asked: Annotated[ProofOf, Query()]) -> Response:
    """某位置的叶在检查点的树中的证明。 Shows that the leaf of a position stands in the tree of a checkpoint."""
    seal = seal_of(request)
    kept = await seal.checkpoint(asked.size) if asked.size else await _latest(seal)
    if kept is None:
        raise CheckpointUnknown
    if asked.position > kept.size:
        raise PositionNotSealed(size=kept.size)
    hashes = await seal.tree.inclusion(asked.position - 1, kept.size)
    own = await seal.tree.leaf(asked.position - 1)
    return json_answer(
        {
            "position": asked.position,
            "size": kept.size,
            "root": _told(kept.root),
            "leaf_hash": _told(own),
            "hashes": [_told(each) for each in hashes],
            "tlog_proof": tlog_proof(asked.position - 1, hashes, kept.note),
        }
    )


def tlog_proof(index: int, hashes: list[bytes], note: str) -> str:
    """Source: C2SP tlog-proof."""
    lines = "".join(f"{_told(each)}\n" for each in hashes)
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{note}"


class Consistency(Shown):
    """What shows that a later tree begins with an earlier one. 一致性证明。"""

    model_config = ConfigDict(hide_input_in_errors=True, populate_by_name=True)

    earlier: int = Field(alias="from")
    to: int
    from_root: str = Field(description="base64")
    to_root: str = Field(description="base64")
    hashes: list[str] = Field(description="RFC 9162 2.1.4, base64")


class Between(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True, extra="forbid")

    earlier: Size = Field(alias="from", description="较早的大小 / the earlier size", examples=[7])
    to: Size | None = Field(None, description="较晚的大小；不给为最新 / left out: what is sealed now")


@router.get(
    "/v1/log/proof/consistency",
    summary="一致性证明 / consistency proof",
    responses={**shown(Consistency, "consistency"), **problems(404, 422, 503)},
    openapi_extra=PUBLIC,
)
async def consistency(request: Request, asked: Annotated[Between, Query()]) -> Response:
    """较晚的树以较早的树开头，其间只有增加。 The later tree begins with the earlier one: nothing but growth lies between."""
    seal = seal_of(request)
    latest = await _latest(seal)
    to = asked.to or latest.size
    if not asked.earlier <= to <= latest.size:
        raise SizesDoNotFit(size=latest.size)
    hashes = await seal.tree.consistency(asked.earlier, to)
    return json_answer(
        {
            "from": asked.earlier,
            "to": to,
            "from_root": _told(await seal.tree.root(asked.earlier)),
            "to_root": _told(await seal.tree.root(to)),
            "hashes": [_told(each) for each in hashes],
        }
    )


class KeyShown(Shown):
    """A key of the log, as the log itself tells. 日志的一把签名钥。"""

    use: str = Field(description="process 签事件 / events;log 签检查点 / checkpoints")
    key: str = Field(description="C2SP signed-note verifier key")
    id: str = Field(description="标识 / identifier", pattern="^[0-9a-f]{8}$")
    first: int = Field(description="自此位置起有效 / counts from this position on")
    last: int | None = Field(description="到此位置为止；空为在用 / up to this position; null: in use")


class KeysShown(Shown):
    origin: str
    keys: list[KeyShown]


@router.get(
    "/v1/log/keys",
    summary="签名钥 / keys",
    responses={**shown(KeysShown, "log_keys"), **problems(404, 503)},
    openapi_extra=PUBLIC,
)
async def keys(request: Request) -> Response:
    """日志自己登记的签名钥。核验所用的钥应另行取得，不取自此处。

    The keys as the log tells them. Whoever checks the log brings the keys from elsewhere.
    """
    found = await seal_of(request).ring()
    if found is None:
        raise NotSealed
    origin, ring = found
    return json_answer({"origin": origin, "keys": [_key(term) for term in ring.terms]})


def _key(term: Term) -> dict[str, object]:
    return {
        "use": term.use,
        "key": term.key.vkey(),
        "id": term.key.key_id.hex(),
        "first": term.first,
        "last": term.last,
    }


class QuarantinedShown(Shown):
    position: int
    reason: str
    found_at: str


class SealShown(Shown):
    """How far the log is sealed. 封印现状。"""

    last_position: int
    size: int = Field(description="已封印的大小 / so much is sealed")
    lag_seconds: float = Field(description="最早的未封印事件已等多久 / how long what is not sealed waits")
    trouble: str | None = Field(description="停止原因 / why sealing does not go on")
    quarantined: list[QuarantinedShown] = Field(description="被隔离的事件 / events nobody vouches for")


@router.get(
    "/v1/log/seal",
    summary="封印现状 / how far the log is sealed",
    responses={**shown(SealShown, "seal"), **problems(404, *BASE, 503)},
    dependencies=IDENTIFIED,
)
async def seal_standing(request: Request) -> Response:
    """已封印到哪里，等了多久，隔离了什么。 How far, how long behind, and what is quarantined."""
    seal = seal_of(request)
    standing = await seal.standing()
    return json_answer(
        {
            "last_position": standing.head,
            "size": standing.size,
            "lag_seconds": standing.lag.total_seconds(),
            "trouble": standing.trouble,
            "quarantined": [each._asdict() for each in await seal.quarantined()],
        }
    )


def _told(hashed: bytes) -> str:
    return b64encode(hashed).decode()
