"""The verifiers with a mechanism switched off: what then goes unseen is seen by that mechanism and by no other."""

from collections.abc import Iterator

from domain.evidence.verify import Bundle, Checkpoint, Trust
from domain.proof.checkpoint import Checkpoint as Told
from domain.proof.note import Note
from ops.verify.inspection import Anchor, Verdict
from tests.attacks.breaking_in import Sparing

WITNESSES = ("witness", "memory")
"""What lies outside the county's database."""
TREE = ("tiles", "heads", *WITNESSES)
"""Everything that knows a root over the rows."""
NEAR = 50
SIGNATURES = ("signatures",)
LOG_KEY_CHECK = ("log key",)
"""That a log of the policy has signed the latest checkpoint."""


class Credulous(Trust):
    """Takes any signature for a process's."""

    def is_signed(self, event) -> bool:
        return event is not None


class Blinded(Sparing):
    """`jiandu verify` without some of what it does."""

    def __init__(self, county, without: tuple[str, ...], around: int | None) -> None:
        super().__init__(county, county.brought())
        self._without, self._around = set(without), around
        if "signatures" in self._without:
            self._trust = Credulous(**vars(self._trust))

    def _opened(self, note, whose, *, is_old=False):
        if "log key" not in self._without:
            return super()._opened(note, whose, is_old=is_old)
        told = Told.from_text(Note.from_bytes(note).text)
        return Checkpoint(told.origin, told.size, told.root, ())

    def _held(self) -> Iterator[Anchor]:
        return iter(()) if "witness" in self._without else super()._held()

    def _seen(self) -> Iterator[Anchor]:
        return iter(()) if "witness" in self._without else super()._seen()

    def _remembered(self) -> Iterator[Anchor]:
        return iter(()) if "memory" in self._without else super()._remembered()

    def _sealed(self) -> Iterator[Anchor]:
        return iter(()) if "tiles" in self._without else super()._sealed()

    def _read(self):
        stretches = super()._read()
        if "tiles" in self._without:
            self._troubles = {each for each in self._troubles if each.what != "changed"}
        return stretches

    def _compare_heads(self, root) -> None:
        if "heads" not in self._without:
            super()._compare_heads(root)

    def _doubtful(self, anchors) -> list[tuple[int, int]]:
        if self._around is None:
            return super()._doubtful(anchors)
        return [(self._around - NEAR, self._around + NEAR)]

    def _check_signatures(self, stretches) -> int:
        return 0 if "signatures" in self._without else super()._check_signatures(stretches)


def blinded(county, *without: str, around: int | None = None) -> Verdict:
    """`around`: where no tree says which signatures to check, those near that event are."""
    return Blinded(county, without, around).verdict(every_signature=False)


class Headless(Bundle):
    """The bundle's verifier without the root of case heads."""

    def completeness(self, _events, _beside) -> int:
        return self.top.size
