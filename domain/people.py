"""The people of one county: the vault, which holds who they are, and the log, which holds what was done with that.

What reads, reads after the log has said it was read for; what destroys, destroys after the log has said so. What was
begun and broken off is ended by saying it again, or by `sweep`.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple, Protocol
from uuid import uuid4

import structlog

from domain.application import Keeper
from domain.case import CASE, Case
from domain.dealings import Dealings, Holds, Place
from domain.grammar import Command, Occasion, Rejected, canonical
from domain.log import LogBusy, Overtaken
from domain.subject import SUBJECT, Subject
from domain.subject.commands import (
    BLIND,
    AgreeToMeasure,
    CarryOutMeasure,
    DeclineMeasure,
    EnrolSubject,
    ProposeMeasure,
    RevealData,
    SubjectCommand,
)
from domain.subject.rejections import PersonErased, PersonRestricted
from domain.subject.searching import PEOPLE_SEARCH, RecordSearch
from domain.subject.values import Commitment, Measure, Particulars, Person, Purpose
from domain.vault.commitment import commitment
from domain.vault.fields import Part, SearchKind
from domain.vault.masking import HIDDEN, masked
from domain.vault.sealed import Kept, Sealed, VaultKeys, fingerprints, opened, sealed
from domain.vault.sealing import Opened, Unsealable, new_key
from domain.vault.wrapping import KeyAbsent, Wrapped

_log = structlog.get_logger(__name__)

AT_MOST_FOUND: Final = 20
"""Persons in the answer to a search; a name that more have needs a number besides."""

AT_MOST_LOOKED: Final = 8
"""How often the log is looked through for one erasure, where it goes on telling of the person meanwhile."""

SIFTED_FIRST: Final = 500
"""So many persons of one name in the whole county are asked first whether a township has to do with them."""


class WrappingKeyRetired(Exception):  # noqa: N818  — what is said of the key
    """The key-encryption key at hand was replaced: read the keys again."""


class SealBroken(Rejected):
    """What the vault holds under this reference does not open for this person: somebody has changed the vault."""

    ZH = "保管库中该人员的数据无法按本人解封：数据遭改动。"
    WANTED = "The administrator's help: `jiandu vault check` names every person concerned."
    WANTED_ZH = "请联系系统管理员，以 jiandu vault check 查明所涉人员。"


class PersonUnreadable(Rejected):
    """The key that these data lie under was replaced and destroyed: the vault was restored from before that."""

    ZH = "该人员的数据系更换密钥之前的备份，所用密钥已销毁，无法解封。"
    WANTED = "The administrator's help: the newest dump of the vault put back."
    WANTED_ZH = "请联系系统管理员，取回保管库最新的备份。"


class DocumentTaken(Rejected):
    """Another person was enrolled with this document."""

    ZH = "该证件已属于另一登记人员。"
    WANTED = "The number of the person's own document."
    WANTED_ZH = "请核对后填写本人证件号码。"


class Vault(Protocol):
    """Where sealed values are kept; `domain/store/vault.py` says what each answers."""

    async def enrol(self, person_ref: str, wrapped: Wrapped, sealed: Sealed) -> str: ...
    async def person(self, person_ref: str) -> Kept | None: ...
    async def correct(self, person_ref: str, sealed: Sealed) -> None: ...
    async def found(self, kind: SearchKind, fingerprint: bytes, at_most: int) -> Sequence[str]: ...
    async def destroy(self, person_refs: Sequence[str]) -> int: ...


class Keys(Protocol):
    """The keys of the vault, and the one thing that must outlast a restored database: who was erased."""

    @property
    def now(self) -> VaultKeys: ...

    def read_again(self) -> None:
        """Somebody else may have replaced a key."""
        ...

    def remember_erased(self, person_ref: str) -> None:
        """Returns once it is on disk."""
        ...


class Sought(NamedTuple):
    """By what somebody is looked up: a document, a telephone or a name. Never printed by accident."""

    kind: SearchKind
    values: Mapping[Part, str]

    def __repr__(self) -> str:
        return f"Sought({self.kind})"


class Shown(NamedTuple):
    """A person as one role may see them."""

    person_ref: str
    values: Mapping[Part, str]


class People:
    """Enrols, corrects, shows, reveals, finds, restricts and erases. Everything raises LogBusy, as the Keeper does."""

    def __init__(self, keeper: Keeper, vault: Vault, keys: Keys, holds: Holds, dealings: Dealings) -> None:
        self._keeper = keeper
        self._vault = vault
        self._keys = keys
        self._holds = holds
        self._dealings = dealings

    # ── writing down ────────────────────────────────────────────────────────────────────────────────────────

    async def enrol(self, person: Person, occasion: Occasion) -> str:
        """The reference of the person: "p-" and 32 hexadecimal digits.

        The holder of a document that was enrolled before keeps the reference; what is said differently now is a
        correction, what is left out stays. Without a document everybody is somebody new.
        Raises PersonRestricted.
        """
        new_ref = f"p-{uuid4().hex}"
        digests, person_ref = await self._put_away(new_ref, person)
        if person_ref != new_ref:
            await self.correct(person_ref, person, occasion)
        else:
            await self._record(person_ref, EnrolSubject(commitments=_commitments(digests)), occasion)
        return person_ref

    async def adopt(self, person_ref: str, person: Person, occasion: Occasion) -> None:
        """Under a reference that was given before there was a vault; again, it changes nothing.

        Where two such persons turn out to hold one document, the second is not found by it.
        """
        if await self._vault.person(person_ref) is not None:
            await self.correct(person_ref, person, occasion)
            return
        digests, holder = await self._put_away(person_ref, person)
        if holder != person_ref:
            digests, _ = await self._put_away(person_ref, person, without=SearchKind.document)
        await self._record(person_ref, EnrolSubject(commitments=_commitments(digests)), occasion)

    async def correct(self, person_ref: str, said: Particulars, occasion: Occasion) -> None:
        """What is said differently from what the vault holds is said from now on; the log first.

        Raises PersonErased, PersonRestricted, PersonNotEnrolled, DocumentTaken.
        """
        kept = await self._kept(person_ref)
        held = self._open(person_ref, kept)
        values = {part: each.value for part, each in held.items()}
        changed = {part: value for part, value in said.values().items() if values.get(part) != value}
        anew = self._seal_anew(person_ref, kept, values | changed, changed)
        digests = {**_digests(held), **anew.digests}
        command = EnrolSubject(commitments=_commitments(digests), changed=tuple(changed))
        await self._expect_free(person_ref, anew)
        await self._record(person_ref, command, occasion)
        if changed:
            await self._vault.correct(person_ref, anew)

    async def _put_away(
        self, new_ref: str, person: Person, without: SearchKind | None = None
    ) -> tuple[Mapping[Part, str], str]:
        """Commitments, and the reference under which the person stands. `without`: not to be found by this."""
        for _ in range(2):
            keys, key = self._keys.now, new_key()
            anew = sealed(keys, key, new_ref, person.values())
            found_by = {kind: each for kind, each in anew.fingerprints.items() if kind is not without}
            try:
                wrapped = keys.wrapping.wrap(new_ref, key)
                person_ref = await self._vault.enrol(new_ref, wrapped, anew._replace(fingerprints=found_by))
            except WrappingKeyRetired:
                self._keys.read_again()
                continue
            return anew.digests, person_ref
        raise WrappingKeyRetired

    def _seal_anew(
        self, person_ref: str, kept: Kept, whole: Mapping[Part, str], changed: Mapping[Part, str]
    ) -> Sealed:
        keys = self._keys.now
        anew = sealed(keys, keys.wrapping.unwrap(person_ref, kept.wrapped), person_ref, changed)
        return anew._replace(fingerprints=fingerprints(keys.index, whole))

    async def _expect_free(self, person_ref: str, anew: Sealed) -> None:
        document = anew.fingerprints.get(SearchKind.document)
        if document is None:
            return
        holders = await self._vault.found(SearchKind.document, document, 1)
        if holders and holders[0] != person_ref:
            raise DocumentTaken

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────────────

    async def shown(self, person_ref: str, role: str) -> Shown | None:
        """Masked for the role; None where nobody was given the reference. Raises PersonErased, PersonRestricted."""
        if not await self._is_in_use(person_ref):
            return None
        return self._shown(person_ref, await self._kept(person_ref), role)

    async def revealed(self, person_ref: str, command: RevealData, occasion: Occasion) -> Mapping[Part, str]:
        """The fields asked for, whole. Who asked, and for what, is recorded before anything is opened.

        Raises RoleMayNot, PersonNotEnrolled, PersonErased, PersonRestricted, PartNotHeld.
        """
        await self._record(person_ref, command, occasion)
        held = self._open(person_ref, await self._kept(person_ref))
        return {part: held[part].value for part in command.parts}

    async def is_known(self, person_ref: str, place: Place) -> bool | None:
        """Whether the place has to do with the person; None: nobody has."""
        return (await self._dealings.known([person_ref], place)).get(person_ref)

    async def cases_in_hand_of(self, person_ref: str, unit_code: str) -> Sequence[str]:
        """The numbers of all of the person's cases in which the unit had a hand, and hardly any more; the highest first."""
        return await self._dealings.cases_in_hand_of(person_ref, unit_code)

    async def found(
        self,
        sought: Sought,
        purpose: Purpose,
        case_no: str | None,
        occasion: Occasion,
        place: Place | None = None,
    ) -> Sequence[Shown]:
        """Who is in use and fits, masked, and hidden whose key is destroyed; recorded before it is answered. Raises RoleMayNot.

        `place`: nobody is found, and nobody counts, with whom it has nothing to do; None: the whole county.
        """
        fingerprint = fingerprints(self._keys.now.index, sought.values)[sought.kind]
        references = await self._references(sought.kind, fingerprint, place)
        fitting = [each for each in references if not await self._is_set_aside(each)]
        command = RecordSearch(by=sought.kind, purpose=purpose, case_no=case_no, found=tuple(fitting))
        await self._keeper.handle(
            PEOPLE_SEARCH, occasion.actor.staff_id, command, occasion, key=None, digest=_digest(command)
        )
        kept = [(each, await self._vault.person(each)) for each in fitting]
        role = occasion.actor.role
        return [self._shown_among_others(each, what, role) for each, what in kept if what is not None]

    async def _references(self, kind: SearchKind, fingerprint: bytes, place: Place | None) -> Sequence[str]:
        if place is None:
            return await self._vault.found(kind, fingerprint, AT_MOST_FOUND)
        return await self._sifted(kind, fingerprint, place)

    async def _sifted(self, kind: SearchKind, fingerprint: bytes, place: Place) -> Sequence[str]:
        """Among however many there are: each time ten times as many, until enough are found or nobody is left."""
        theirs: dict[str, bool] = {}
        at_most = SIFTED_FIRST
        while True:
            everywhere = await self._vault.found(kind, fingerprint, at_most)
            further = [each for each in everywhere if each not in theirs]
            theirs |= dict.fromkeys(further, False) | dict(await self._dealings.known(further, place))
            fitting = [each for each in everywhere if theirs[each]]
            if len(fitting) >= AT_MOST_FOUND or len(everywhere) < at_most:
                return fitting[:AT_MOST_FOUND]
            at_most *= 10

    def _shown(self, person_ref: str, kept: Kept, role: str) -> Shown:
        if role in BLIND:
            return Shown(person_ref, dict.fromkeys(kept.boxes, HIDDEN))
        held = self._open(person_ref, kept)
        return Shown(person_ref, {part: masked(part, each.value) for part, each in held.items()})

    def _shown_among_others(self, person_ref: str, kept: Kept, role: str) -> Shown:
        """One who cannot be read keeps nobody from the others."""
        try:
            return self._shown(person_ref, kept, role)
        except PersonUnreadable:
            return Shown(person_ref, dict.fromkeys(kept.boxes, HIDDEN))

    # ── setting aside, erasing ──────────────────────────────────────────────────────────────────────────────

    async def propose(
        self, person_ref: str, command: ProposeMeasure | DeclineMeasure, occasion: Occasion
    ) -> None:
        """Or decline what was proposed. Raises what domain/subject refuses."""
        await self._record(person_ref, command, occasion)

    async def agree(self, person_ref: str, command: AgreeToMeasure, occasion: Occasion) -> None:
        """Raises what domain/subject refuses.

        Agreed to erase, nothing of the person is left when this returns: neither here nor in a database that is
        restored later.
        """
        if command.measure is not Measure.erase:
            await self._record(person_ref, CarryOutMeasure(measure=command.measure), occasion)
            return
        await self._agree_to_erase(person_ref, occasion)
        self._keys.remember_erased(person_ref)
        await self._vault.destroy([person_ref])

    async def _agree_to_erase(self, person_ref: str, occasion: Occasion) -> None:
        """What is recorded between the look and the erasure is looked through again."""
        for _ in range(AT_MOST_LOOKED):
            try:
                return await self._record(person_ref, await self._erasure(person_ref), occasion)
            except Overtaken:
                continue
        raise LogBusy

    async def _erasure(self, person_ref: str) -> CarryOutMeasure:
        """With what stands in its way. An erasure that is said again has nothing to look for."""
        if (await self.standing(person_ref)).destroyed_at is not None:
            return CarryOutMeasure(measure=Measure.erase)
        as_of = await self._dealings.last_position()
        holds = sorted({each.investigation_no for each in await self._holds.over_person(person_ref)})
        cases = await self._cases_under_way(person_ref)
        return CarryOutMeasure(measure=Measure.erase, holds=tuple(holds), cases=cases, as_of=as_of)

    async def _cases_under_way(self, person_ref: str) -> int:
        open_cases = await self._dealings.open_cases(person_ref)
        return open_cases.under_way + sum([await self._is_under_way(each) for each in open_cases.in_doubt])

    async def _is_under_way(self, case_no: str) -> bool:
        case: Case = (await self._keeper.load(CASE, case_no)).state
        return case.is_under_way

    async def standing(self, person_ref: str) -> Subject:
        """As the log says now, whoever wrote to it."""
        subject: Subject = (await self._keeper.load(SUBJECT, person_ref)).state
        return subject

    # ── what they share ─────────────────────────────────────────────────────────────────────────────────────

    async def _record(self, person_ref: str, command: SubjectCommand, occasion: Occasion) -> None:
        await self._keeper.handle(SUBJECT, person_ref, command, occasion, key=None, digest=_digest(command))

    async def _is_set_aside(self, person_ref: str) -> bool:
        subject = await self.standing(person_ref)
        return subject.is_restricted or subject.destroyed_at is not None

    async def _is_in_use(self, person_ref: str) -> bool:
        """False where nobody was given the reference. Raises PersonErased, PersonRestricted."""
        subject = await self.standing(person_ref)
        if subject.destroyed_at is not None:
            raise PersonErased
        if subject.is_restricted:
            raise PersonRestricted
        return subject.is_enrolled

    async def _kept(self, person_ref: str) -> Kept:
        """Raises PersonErased where the log knows a person whom the vault has not any more."""
        kept = await self._vault.person(person_ref)
        if kept is None:
            raise PersonErased
        return kept

    def _open(self, person_ref: str, kept: Kept) -> dict[Part, Opened]:
        try:
            try:
                return opened(self._keys.now, person_ref, kept)
            except KeyAbsent:
                self._keys.read_again()
                return opened(self._keys.now, person_ref, kept)
        except KeyAbsent:
            raise PersonUnreadable from None
        except Unsealable:
            _log.critical("seal_broken", person_ref=person_ref)
            raise SealBroken from None


def _digests(held: Mapping[Part, Opened]) -> dict[Part, str]:
    return {part: commitment(part, each) for part, each in held.items()}


def _commitments(digests: Mapping[Part, str]) -> tuple[Commitment, ...]:
    return tuple(Commitment(part=part, digest=digests[part]) for part in Part if part in digests)


def _digest(command: Command) -> bytes:
    return sha256(canonical(command.model_dump(mode="json"))).digest()
