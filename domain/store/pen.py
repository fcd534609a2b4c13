"""The pen 笔: signs what this process is about to record. The signer in it can be changed while it writes."""

from datetime import datetime

from domain.proof.signing import ProcessSigner, Signed


class Pen:
    """Holds the signer of the moment; without one, what is recorded carries no signature and is not sealed."""

    def __init__(self, signer: ProcessSigner | None = None) -> None:
        self.signer = signer

    def sign(
        self, stream: str, version: int, occurred_at: datetime, topic: str, state: bytes
    ) -> Signed | None:
        if self.signer is None:
            return None
        return self.signer.sign(stream, version, occurred_at, topic, state)
