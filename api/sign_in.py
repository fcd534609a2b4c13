"""Signing in: a person shows who they are, and gets a session at one of their posts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex, token_urlsafe

from api.accounts import AccountsBy
from api.authentication import Authentication, Secrets
from api.identity import member_of_staff
from api.journal import Journal
from api.lifetimes import Lifetimes
from api.passwords import Passwords, expect_strong
from api.refusals.access import OldPasswordWrong, PostNotHeld, PostToChoose, SignInBlocked, SignInRefused
from api.throttle import Throttle
from domain.access.accounts import User
from domain.access.decision import Principal
from domain.access.journal import Means, WhyNot
from domain.application import Keeper
from domain.grammar import Actor, local_day
from domain.store.secrets import Session


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was opened. `token` goes into the cookie, and nowhere else."""

    token: str
    session: Session
    principal: Principal


class SignIns:
    """Opens and ends sessions."""

    def __init__(
        self,
        keeper: Keeper,
        secrets: Secrets,
        authentication: Authentication,
        journal: Journal,
        clock: Callable[[], datetime],
        passwords: Passwords | None = None,
    ) -> None:
        self._keeper = keeper
        self.catalogue = keeper.catalogue
        self._secrets = secrets
        self._authentication = authentication
        self._journal = journal
        self.clock = clock
        self._passwords = passwords or Passwords()
        self.throttle = Throttle(secrets)

    @property
    def lifetimes(self) -> Lifetimes:
        return self._authentication.lifetimes

    async def by_password(self, staff_id: str, password: str, post_id: str | None, address: str) -> Opened:
        """Raises SignInBlocked (429), SignInRefused (401), PostToChoose (422), PostNotHeld (403), LogBusy."""
        user = await self._recognised(staff_id, password, address)
        return await self.open(user, post_id, Means.password)

    async def open(self, user: User, post_id: str | None, means: Means) -> Opened:
        """For somebody who showed who they are. Recorded before the token is given out."""
        now = self.clock()
        try:
            principal = self._at_post(user.staff_id, post_id, now)
        except PostNotHeld:
            await self._journal.sign_in_failed(user.staff_id, means, WhyNot.post)
            raise
        token = token_urlsafe(32)
        session = Session(
            session=f"s-{token_hex(8)}",
            staff_id=user.staff_id,
            post_id=principal.actor.post_id or "",
            generation=user.generation,
            opened_at=now,
            expires_at=now + self.lifetimes.most,
            seen_at=now,
        )
        await self._journal.signed_in(principal.actor, means, session.session)
        await self._secrets.open_session(token, session)
        return Opened(token, session, principal)

    async def change_password(self, opened: Opened, old: str, new: str, address: str) -> Opened:
        """Ends every session of theirs and answers a new one.

        Raises SignInBlocked, OldPasswordWrong, PasswordWeak, PasswordGuessed.
        """
        actor, now_open = opened.principal.actor, opened.session
        try:
            user = await self._recognised(now_open.staff_id, old, address)
        except SignInRefused:
            raise OldPasswordWrong from None
        expect_strong(user.staff_id, new, self.catalogue, old)
        await self.accounts_by(actor).set_password(user.staff_id, new)
        self._authentication.forget(opened.token)
        # the catalogue may hear of the change a moment later
        renewed = replace(user, generation=user.generation + 1)
        return await self.open(renewed, now_open.post_id, Means.password)

    async def end_everywhere(self, opened: Opened) -> None:
        """Every session of theirs is over, in every process as soon as it hears of it from the log."""
        await self.accounts_by(opened.principal.actor).end_sessions(opened.session.staff_id)
        await self._secrets.end_session(opened.token)
        self._authentication.forget(opened.token)

    async def admit(self, actor: Actor, staff_id: str, password: str, address: str) -> None:
        """As AccountsBy.admit. Whether a password is somebody's is answered no oftener than where they sign in.

        Raises SignInBlocked.
        """
        is_open = self.catalogue.user(staff_id) is not None
        if is_open:
            await self.throttle.expect_few(staff_id, address, self.clock())
        await self.accounts_by(actor).admit(staff_id, password)
        if is_open:
            await self.throttle.forgive(staff_id, address)

    def accounts_by(self, actor: Actor) -> AccountsBy:
        return AccountsBy(self._keeper, self._secrets, self._passwords, self.clock, actor)

    async def opened(self, token: str) -> Opened:
        """The session of the token. Raises IdentityUnknown, PostNotHeld."""
        session = await self._authentication.session(token)
        return Opened(token, session, self._at_post(session.staff_id, session.post_id, self.clock()))

    async def end(self, opened: Opened) -> None:
        await self._journal.signed_out(opened.principal.actor, opened.session.session)
        await self._secrets.end_session(opened.token)
        self._authentication.forget(opened.token)

    async def _recognised(self, staff_id: str, password: str, address: str) -> User:
        """Whose password it is. Raises SignInBlocked, SignInRefused, LogBusy."""
        user = self.catalogue.user(staff_id)
        known = staff_id if user else None
        try:
            await self.throttle.expect_few(staff_id, address, self.clock())
        except SignInBlocked:
            await self._journal.sign_in_failed(known, Means.password, WhyNot.blocked)
            raise
        kept = await self._secrets.password_hash(staff_id) if user else None
        fits = await self._passwords.fits(password, kept)
        if user is None or not fits or user.is_suspended:
            why = WhyNot.suspended if fits and user else WhyNot.credentials
            await self._journal.sign_in_failed(known, Means.password, why)
            raise SignInRefused
        await self.throttle.forgive(staff_id, address)
        return user

    def _at_post(self, staff_id: str, post_id: str | None, now: datetime) -> Principal:
        today = local_day(now)
        if post_id is None:
            posts = sorted(post.post_id for post in self.catalogue.posts_of(staff_id, today))
            if len(posts) > 1:
                raise PostToChoose(posts=posts)
            if not posts:
                raise PostNotHeld
            post_id = posts[0]
        return member_of_staff(staff_id, post_id, self.catalogue, today)
