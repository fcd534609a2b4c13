"""What can be asked of a post, and the rules: who holds it as A, who as B 定岗定人."""

from collections.abc import Iterator
from typing import Final, Literal, Protocol, assert_never

from domain.grammar import Code, Day, Decision, Duty, Label, Occasion, Rejected, Ruling
from domain.register import EntryEnded, NotYetRegistered, RegisterCommand, Tenure, exists, kept, units_exist
from domain.window.events import PostAssigned, PostChanged, PostEstablished, PostRelieved
from domain.window.rejections import (
    ClerkWithoutWindow,
    DutyAlreadyHeld,
    HolderOfBothDuties,
    NotAssigned,
    NotServingThen,
    PostRoleFixed,
)
from domain.window.values import Assignment, Post, Role

CLERKS: Final = frozenset({Role.window_clerk, Role.proxy_clerk})


class Establishment(Protocol):
    """The registers a post's rules read."""

    def unit(self, unit_code: str, /) -> object | None: ...
    def window(self, window_id: str, /) -> object | None: ...
    def staff(self, staff_id: str, /) -> Tenure | None: ...


class EstablishPost(RegisterCommand):
    """Enters the post, or brings its entry up to date; its holders are assigned one by one."""

    type: Literal["establish_post"] = "establish_post"
    post_id: Code
    unit_code: Code
    window_id: Code | None = None
    title: Label
    role: Role

    @property
    def identity(self) -> str:
        return self.post_id

    def post(self) -> Post:
        return Post(
            post_id=self.post_id,
            unit_code=self.unit_code,
            window_id=self.window_id,
            title=self.title,
            role=self.role,
        )


def establish_post(standing: Post | None, command: EstablishPost, registers: Establishment) -> Ruling:
    post = command.post()
    if standing is not None and post == standing.model_copy(update={"assignments": ()}):
        return
    if standing is not None and standing.role is not post.role:
        yield PostRoleFixed(post_id=post.post_id, role=standing.role.value)
    if post.role in CLERKS and post.window_id is None:
        yield ClerkWithoutWindow(post_id=post.post_id)
    yield from units_exist([post.unit_code], registers)
    if post.window_id is not None:
        yield from exists("window", post.window_id, registers.window(post.window_id))
    yield PostEstablished(post=post) if standing is None else PostChanged(post=post)


class AssignPost(RegisterCommand):
    """定岗: a person holds the post as A or B."""

    type: Literal["assign_post"] = "assign_post"
    post_id: Code
    assignment: Assignment

    @property
    def identity(self) -> str:
        return self.post_id


def assign_post(standing: Post | None, command: AssignPost, registers: Establishment) -> Ruling:
    if standing is None:
        yield NotYetRegistered(register="post", code=command.post_id)
        return
    wanted = command.assignment
    recorded = _same_tenure(standing, wanted)
    if recorded is not None:
        yield from _bring_up_to_date(command.post_id, recorded, wanted)
        return
    yield from _is_serving(wanted, registers)
    yield from _is_free(standing, wanted)
    yield PostAssigned(post_id=command.post_id, assignment=wanted)


def _same_tenure(post: Post, wanted: Assignment) -> Assignment | None:
    begun = (wanted.staff_id, wanted.duty, wanted.valid_from)
    holders = (
        holder for holder in post.assignments if begun == (holder.staff_id, holder.duty, holder.valid_from)
    )
    return next(holders, None)


def _bring_up_to_date(post_id: str, recorded: Assignment, wanted: Assignment) -> Ruling:
    if recorded == wanted:
        return
    if recorded.valid_to is not None or wanted.valid_to is None:
        yield EntryEnded(code=post_id, last_day=str(recorded.valid_to))
        return
    yield PostRelieved(post_id=post_id, staff_id=wanted.staff_id, duty=wanted.duty, last_day=wanted.valid_to)


def _is_serving(wanted: Assignment, registers: Establishment) -> Iterator[Rejected]:
    member = registers.staff(wanted.staff_id)
    yield from exists("staff", wanted.staff_id, member)
    if member is not None and not member.covers(wanted):
        yield NotServingThen(serves_from=member.valid_from.isoformat(), serves_to=str(member.valid_to))


def _is_free(post: Post, wanted: Assignment) -> Iterator[Rejected]:
    for holder in (holder for holder in post.assignments if holder.overlaps(wanted)):
        if holder.duty is wanted.duty:
            yield DutyAlreadyHeld(post_id=post.post_id, duty=wanted.duty.value)
        elif holder.staff_id == wanted.staff_id:
            yield HolderOfBothDuties(post_id=post.post_id)


class RelievePost(RegisterCommand):
    """离岗: the person holds the post until the end of the last day."""

    type: Literal["relieve_post"] = "relieve_post"
    post_id: Code
    staff_id: Code
    duty: Duty
    last_day: Day

    @property
    def identity(self) -> str:
        return self.post_id


def relieve_post(standing: Post | None, command: RelievePost) -> Ruling:
    if standing is None:
        yield NotYetRegistered(register="post", code=command.post_id)
        return
    tenure = _tenure(standing, command)
    if tenure is None:
        yield NotAssigned(post_id=command.post_id, duty=command.duty.value)
    elif tenure.valid_to != command.last_day:
        yield PostRelieved.as_told(command)


def _tenure(post: Post, command: RelievePost) -> Assignment | None:
    for holder in post.assignments:
        if (holder.staff_id, holder.duty) == (command.staff_id, command.duty) and holder.holds(
            command.last_day
        ):
            return holder
    return None


PostCommand = EstablishPost | AssignPost | RelievePost


def decide(
    standing: Post | None, command: PostCommand, occasion: Occasion, registers: Establishment
) -> Decision:
    return kept(_rule(standing, command, registers), occasion)


def _rule(standing: Post | None, command: PostCommand, registers: Establishment) -> Ruling:
    match command:
        case EstablishPost():
            return establish_post(standing, command, registers)
        case AssignPost():
            return assign_post(standing, command, registers)
        case RelievePost():
            return relieve_post(standing, command)
        case _:
            assert_never(command)
