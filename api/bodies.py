"""The bodies that record something, read once: bytes → document → values, with a place for everything wrong."""

from collections.abc import Iterable
from typing import Annotated, Any, Final, Generic, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from api.refusals.body import PersonalDataInCode
from api.validation import content_invalid
from domain.amendment import Version
from domain.case import CaseAction, OpeningAction
from domain.contact import ContactAction
from domain.contact.commands import AnswerConsultation
from domain.grammar import ORDINARY, Circumstances, Code, Command, Line, Value
from domain.investigation.commands import InvestigationAct, OpenInvestigation, PlaceLegalHold
from domain.investigation.values import InvestigationNo
from domain.numbers import CaseNo, CaseNumber
from domain.people import Sought
from domain.personal_data import has_lone_identity, nameless
from domain.signal.commands import RaiseSignal, SignalAnswer
from domain.stand_in.delegating import DelegationAct, GrantDelegation
from domain.stand_in.taking_over import TakeoverAction
from domain.subject.commands import MeasureAction
from domain.subject.events import Reveal
from domain.subject.values import IdType, Particulars, Person, Phone, Purpose
from domain.vault.fields import Part, SearchKind

Key = Annotated[
    str,
    Field(pattern=r"^[\x21-\x7e]{1,128}$", description="幂等键 / idempotency key, visible ASCII"),
    AfterValidator(nameless),
]


WrittenCaseNo = Annotated[
    CaseNo,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{25}[0-9A-Z]$",
            "description": "办件编号：区划 12 位、日期 8 位、流水号 5 位、校验码 / division, day, serial, check character",
            "examples": ["61099910100020260521000171"],
        }
    ),
]


class RecordAction(Value):
    """An action on a case 在办件上登记的动作, and the circumstances when they are not ordinary."""

    action: CaseAction
    circumstances: Circumstances = ORDINARY


class OpenCase(Value):
    """An action that opens a case 开立办件的动作. Without `case_no` the case is given its number."""

    case_no: WrittenCaseNo | None = None
    action: OpeningAction
    circumstances: Circumstances = ORDINARY


class BatchedAction(Value):
    """One action of a batch. Without `case_no` it opens a case."""

    key: Key
    case_no: WrittenCaseNo | None = None
    expected_version: Version | None = None
    """The version the action was decided on; left out: whatever stands when its turn comes."""
    action: CaseAction
    circumstances: Circumstances = ORDINARY


class Batch(Value):
    """一批动作: those of one case are recorded in the order given, those of different cases at once."""

    actions: Annotated[tuple[BatchedAction, ...], Field(min_length=1, max_length=1000)]


def _well_named(action: Command) -> Command:
    """Raises ValueError where what should be a case's number is none, and where another word is a number of somebody."""
    match action:
        case AnswerConsultation(case_no=str(case_no)) | RaiseSignal(case_no=str(case_no)):
            _expect_named([case_no])
        case OpenInvestigation(scope=scope):
            _expect_named(scope.case_nos, scope.persons)
        case PlaceLegalHold(case_nos=case_nos, persons=persons, hold_no=hold_no):
            _expect_named(case_nos, (*persons, hold_no))
        case _:
            pass
    return action


def _expect_named(case_nos: Iterable[str], words: Iterable[str] = ()) -> None:
    for case_no in case_nos:
        CaseNumber.parse(case_no)
    for word in words:
        nameless(word)


ContactVerb = Annotated[ContactAction, Field(discriminator="type"), AfterValidator(_well_named)]


class RecordContactAction(Value):
    """An action on a contact 首问、咨询, and the circumstances when they are not ordinary."""

    action: ContactVerb
    circumstances: Circumstances = ORDINARY


CONTACT_NO: Final = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$"
ContactNo = Annotated[str, Field(pattern=CONTACT_NO), AfterValidator(nameless)]
"""首问编号: a code that can stand in an address."""


class OpenContact(Value):
    """首问登记: `register_first_ask`. Without `contact_no` the contact is given its number."""

    contact_no: ContactNo | None = None
    action: ContactVerb
    circumstances: Circumstances = ORDINARY


class RaiseSignalBody(Value):
    """监察人员自行产生的预警. Its number follows from what it says."""

    action: Annotated[RaiseSignal, AfterValidator(_well_named)]
    circumstances: Circumstances = ORDINARY


class RecordSignalAction(Value):
    """反馈、申诉、维持或核销, and the circumstances when they are not ordinary."""

    action: SignalAnswer
    circumstances: Circumstances = ORDINARY


class OpeningOfInvestigation(Value):
    """立案核查. Without `investigation_no` it is given its number."""

    investigation_no: Annotated[InvestigationNo, AfterValidator(nameless)] | None = None
    action: Annotated[OpenInvestigation, AfterValidator(_well_named)]
    circumstances: Circumstances = ORDINARY


class RecordInvestigationAct(Value):
    """证据保全、解除、结论, and the circumstances when they are not ordinary."""

    action: Annotated[InvestigationAct, AfterValidator(_well_named)]
    circumstances: Circumstances = ORDINARY


class RevealPerson(Reveal):
    """查看明文: which fields, and for what; the case is one, and no other word."""

    case_no: WrittenCaseNo | None = None


class SearchPerson(Value):
    """检索人员: by a document, a telephone or a name, one of the three; never in an address, which is logged."""

    id_type: IdType | None = Field(default=None, repr=False)
    id_number: Code | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)
    name: Line | None = Field(default=None, repr=False)
    purpose: Purpose
    case_no: WrittenCaseNo | None = None

    @model_validator(mode="after")
    def _by_one_thing(self) -> Self:
        if (self.id_type is None) != (self.id_number is None):
            raise ValueError("must give id_type and id_number together, or neither")
        if sum(each is not None for each in (self.id_number, self.phone, self.name)) != 1:
            raise ValueError("must give one of: id_type with id_number, phone, name")
        return self

    def sought(self) -> Sought:
        given = {part: getattr(self, part, None) for part in Part}
        values = {part: str(value) for part, value in given.items() if value is not None}
        kinds = {
            Part.id_number: SearchKind.document,
            Part.phone: SearchKind.phone,
            Part.name: SearchKind.name,
        }
        return Sought(next(kind for part, kind in kinds.items() if part in values), values)


class RecordMeasure(Value):
    """提请、不予或同意封存、解封、删除: one person proposes, another agrees."""

    action: MeasureAction


class RecordTakeover(Value):
    """顶岗: by the B person of a post."""

    action: TakeoverAction
    circumstances: Circumstances = ORDINARY


class GrantOfDelegation(Value):
    """委托: by the A person of a post."""

    delegation_no: Code | None = None
    action: GrantDelegation
    circumstances: Circumstances = ORDINARY


class RecordDelegationAct(Value):
    """委托批准、撤销."""

    action: DelegationAct
    circumstances: Circumstances = ORDINARY


MODELS: Final = (
    RecordAction,
    OpenCase,
    Batch,
    RecordContactAction,
    OpenContact,
    RaiseSignalBody,
    RecordSignalAction,
    OpeningOfInvestigation,
    RecordInvestigationAct,
    Person,
    Particulars,
    RevealPerson,
    SearchPerson,
    RecordMeasure,
    RecordTakeover,
    GrantOfDelegation,
    RecordDelegationAct,
)
"""What can stand in a body, for the OpenAPI page."""

B = TypeVar("B", bound=BaseModel)


def actions_of(union: Any) -> tuple[type[Command], ...]:
    """The commands of a discriminated union."""
    members: tuple[type[Command], ...] = get_args(get_args(union)[0])
    return members


def tag_of(action: type[Command]) -> str:
    """The `type` under which an action is sent."""
    tag: str = action.model_fields["type"].default
    return tag


OPENING_ACTIONS: Final = actions_of(OpeningAction)
TAGS: Final = frozenset(
    map(
        tag_of,
        (
            *actions_of(CaseAction),
            *actions_of(ContactVerb),
            *actions_of(SignalAnswer),
            *actions_of(InvestigationAct),
            *actions_of(TakeoverAction),
            *actions_of(DelegationAct),
        ),
    )
) | {tag_of(RaiseSignal), tag_of(OpenInvestigation), tag_of(GrantDelegation)}


class Reader(Generic[B]):
    """Reads one kind of body; built once, since building it costs more than a thousand requests.

    `is_personal`: it is what the vault is for. Any other may hold no identity number, wherever it stands in it.
    """

    def __init__(self, model: type[B], tags: frozenset[str], *, is_personal: bool = False) -> None:
        self._adapter = TypeAdapter(model)
        self._tags = tags
        self._is_personal = is_personal

    def read(self, raw: bytes, within: str = "") -> B:
        """Raises ContentInvalid, PersonalDataInCode; `within` is the pointer of the part that was read."""
        try:
            body = self._adapter.validate_json(raw)
        except ValidationError as error:
            raise content_invalid(error, tags=self._tags, within=within) from None
        if not self._is_personal:
            _expect_impersonal(raw.decode())
        return body


def _expect_impersonal(text: str) -> None:
    """Texts were looked at one by one; codes were not, as eleven digits may well be one."""
    if has_lone_identity(text):
        raise PersonalDataInCode


RECORD_ACTION: Final = Reader(RecordAction, TAGS)
OPEN_CASE: Final = Reader(OpenCase, TAGS)
BATCH: Final = Reader(Batch, TAGS)
BATCHED_ACTION: Final = Reader(BatchedAction, TAGS)
RECORD_CONTACT_ACTION: Final = Reader(RecordContactAction, TAGS)
OPEN_CONTACT: Final = Reader(OpenContact, TAGS)
RAISE_SIGNAL: Final = Reader(RaiseSignalBody, TAGS)
RECORD_SIGNAL_ACTION: Final = Reader(RecordSignalAction, TAGS)
OPEN_INVESTIGATION: Final = Reader(OpeningOfInvestigation, TAGS)
RECORD_INVESTIGATION_ACT: Final = Reader(RecordInvestigationAct, TAGS)
RECORD_TAKEOVER: Final = Reader(RecordTakeover, TAGS)
GRANT_DELEGATION: Final = Reader(GrantOfDelegation, TAGS)
RECORD_DELEGATION_ACT: Final = Reader(RecordDelegationAct, TAGS)
PERSON: Final = Reader(Person, frozenset(), is_personal=True)
PARTICULARS: Final = Reader(Particulars, frozenset(), is_personal=True)
REVEAL: Final = Reader(RevealPerson, frozenset())
SEARCH_PERSON: Final = Reader(SearchPerson, frozenset(), is_personal=True)
RECORD_MEASURE: Final = Reader(RecordMeasure, frozenset(map(tag_of, actions_of(MeasureAction))))
