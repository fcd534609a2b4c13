"""Signing in: a person shows who they are, and gets a session at one of their posts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from typing import Final

from api.authentication import Authentication, Secrets
from api.identity import member_of_staff
from api.journal import Journal
from api.passwords import Passwords
from api.refusals.access import PostNotHeld, PostToChoose, SignInBlocked, SignInRefused
from api.throttle import FAILURES, WITHIN, Throttle
from domain.access.decision import Principal
from domain.access.journal import Means, WhyNot
from domain.catalogue import Catalogue
from domain.grammar import local_day
from domain.store.secrets import Session

SESSION_HOURS: Final = 10
"""A working day; then people say again who they are."""
FAILURES_OF_AN_ADDRESS: Final = 10 * FAILURES
"""A whole hall may stand behind one address."""


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
        catalogue: Catalogue,
        secrets: Secrets,
        authentication: Authentication,
        journal: Journal,
        clock: Callable[[], datetime],
        *,
        session_hours: int = SESSION_HOURS,
    ) -> None:
        self._catalogue = catalogue
        self._secrets = secrets
        self._authentication = authentication
        self._journal = journal
        self._clock = clock
        self._length = timedelta(hours=session_hours)
        self._passwords = Passwords()
        self._names = Throttle()
        self._addresses = Throttle(FAILURES_OF_AN_ADDRESS)

    async def by_password(self, staff_id: str, password: str, post_id: str | None, address: str) -> Opened:
        """Raises SignInBlocked (429), SignInRefused (401), PostToChoose (422), PostNotHeld (403), LogBusy."""
        now = self._clock()
        user = self._catalogue.user(staff_id)
        known = staff_id if user else None
        if self._names.blocks(staff_id, now) or self._addresses.blocks(address, now):
            await self._journal.sign_in_failed(known, Means.password, WhyNot.blocked)
            raise SignInBlocked(retry_after_seconds=int(WITHIN.total_seconds()))
        kept = await self._secrets.password_hash(staff_id) if user else None
        fits = await self._passwords.fits(password, kept)
        if user is None or not fits or user.is_suspended:
            self._names.failed(staff_id, now)
            self._addresses.failed(address, now)
            why = WhyNot.suspended if fits and user else WhyNot.credentials
            await self._journal.sign_in_failed(known, Means.password, why)
            raise SignInRefused
        self._names.succeeded(staff_id)
        return await self.open(staff_id, post_id, Means.password)

    async def open(self, staff_id: str, post_id: str | None, means: Means) -> Opened:
        """For somebody who showed who they are. Recorded before the token is given out."""
        user, now = self._catalogue.user(staff_id), self._clock()
        if user is None or user.is_suspended:
            await self._journal.sign_in_failed(staff_id if user else None, means, WhyNot.suspended)
            raise SignInRefused
        try:
            principal = self._at_post(staff_id, post_id, now)
        except PostNotHeld:
            await self._journal.sign_in_failed(staff_id, means, WhyNot.post)
            raise
        token = token_urlsafe(32)
        session = Session(
            f"s-{token_hex(8)}",
            staff_id,
            principal.actor.post_id or "",
            user.generation,
            now,
            now + self._length,
        )
        await self._journal.signed_in(principal.actor, means, session.session)
        await self._secrets.open_session(token, session)
        return Opened(token, session, principal)

    async def opened(self, token: str) -> Opened:
        """The session of the token. Raises IdentityUnknown, PostNotHeld."""
        session = await self._authentication.session(token)
        return Opened(token, session, self._at_post(session.staff_id, session.post_id, self._clock()))

    async def end(self, opened: Opened) -> None:
        await self._journal.signed_out(opened.principal.actor, opened.session.session)
        await self._secrets.end_session(opened.token)
        self._authentication.forget(opened.token)

    def _at_post(self, staff_id: str, post_id: str | None, now: datetime) -> Principal:
        today = local_day(now)
        if post_id is None:
            posts = sorted(post.post_id for post in self._catalogue.posts_of(staff_id, today))
            if len(posts) > 1:
                raise PostToChoose(posts=posts)
            if not posts:
                raise PostNotHeld
            post_id = posts[0]
        return member_of_staff(staff_id, post_id, self._catalogue, today)
