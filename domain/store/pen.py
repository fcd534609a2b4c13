"""The pen 笔: signs what this process is about to record. The signer in it can be changed while it writes."""

from collections.abc import Sequence

from domain.proof.leaf import SealedEvent, state_hash
from domain.proof.signing import ProcessSigner, Signed
from domain.store.batch import Row


class Pen:
    """Holds the signer of the moment; without one, what is recorded carries no signature and is not sealed."""

    def __init__(self, signer: ProcessSigner | None = None) -> None:
        self.signer = signer

    def sign(self, rows: Sequence[Row]) -> tuple[Signed, ...]:
        """The rows, signed together as they will be stored; empty without a signer."""
        signer = self.signer
        if signer is None:
            return ()
        return tuple(signer.sign_together([_sealed(signer.origin, row) for row in rows]))


def _sealed(origin: str, row: Row) -> SealedEvent:
    return SealedEvent(origin, row.stream, row.version, row.occurred_at, row.topic, state_hash(row.state))
