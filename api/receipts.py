"""回执 receipts: what every recorded event is answered with, so that its removal would contradict a signature."""

from base64 import b64encode
from datetime import datetime
from typing import TYPE_CHECKING, Final

from domain.proof.receipt import ReceiptCode
from domain.proof.signing import Signed

if TYPE_CHECKING:
    from api.door import Door

SEALED_WITHIN_SECONDS: Final = 60
"""What is promised; mostly it takes a second."""


def receipt_of(signed: Signed, position: int, recorded_at: datetime) -> dict[str, object]:
    """The leaf of an event beside what the answer says of it anyway."""
    return {
        "leaf": {
            "occurred_at": signed.event.occurred_at,
            "state_hash": signed.event.state_hash.hex(),
            "signature": b64encode(signed.signature).decode(),
            "key": signed.key_id.hex(),
            "receipt": str(ReceiptCode.at(position, signed.leaf_bytes(position, recorded_at))),
        }
    }


def promise(signed: tuple[Signed, ...]) -> dict[str, object]:
    """Empty where nobody signs."""
    if not signed:
        return {}
    return {"sealed": {"origin": signed[0].event.county, "within_seconds": SEALED_WITHIN_SECONDS}}


async def signatures(door: "Door", first: int, last: int) -> dict[int, Signed]:
    """The signatures of events that stand in the log, by position; none of an event whose signature is nobody's."""
    found = await door.seal.ring() if door.seal else None
    if door.seal is None or found is None:
        return {}
    origin, ring = found
    leaves = await door.seal.leaves(origin, first, last)
    signers = [(leaf, ring.signer(leaf)) for leaf in leaves]
    return {
        leaf.position: Signed(leaf.event, leaf.event.signed_bytes(), leaf.signature, key.key_id)
        for leaf, key in signers
        if key
    }
