"""Signing in by what the provider says: counted, recorded and refused as signing in by a password is."""

from dataclasses import dataclass

from api.journal import Journal
from api.provider.errand import Errand
from api.provider.speaking import Provider
from api.refusals.access import ProviderRefused, ProviderUnreachable, SignInBlocked, SubjectNotLinked
from api.sign_in import Opened, SignIns
from domain.access.accounts import User, subject_hash, user_of_subject
from domain.access.journal import Means, WhyNot


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser brings back from the provider."""

    cookie: str | None
    state: str | None
    code: str | None
    issuer: str | None

    def code_of(self, issuer: str) -> str:
        """Raises ProviderRefused where it brings none, or somebody else's. Source: RFC 9207."""
        if self.code is None or self.issuer not in (None, issuer):
            raise ProviderRefused
        return self.code


@dataclass(frozen=True, slots=True)
class ProviderSignIns:
    """Sends browsers to the provider, and opens sessions for those who come back."""

    provider: Provider
    sign_ins: SignIns
    journal: Journal

    async def begin(self, post_id: str | None, then: str) -> tuple[str, Errand]:
        """Where to send the browser, and what it keeps. Raises ProviderUnreachable."""
        errand = Errand.begun(self.sign_ins.clock(), post_id, then)
        return await self.provider.address(errand), errand

    async def finish(self, answer: Answer, address: str) -> tuple[Opened, str]:
        """The session, and where the browser wants to be.

        Raises SignInBlocked, ProviderRefused, ProviderUnreachable, SubjectNotLinked, and what SignIns.open raises.
        """
        try:
            await self.sign_ins.throttle.expect_few(None, address, self.sign_ins.clock())
        except SignInBlocked:
            await self._failed(None, WhyNot.blocked)
            raise
        errand, subject = await self._told(answer, address)
        user = await self._linked(subject)
        await self.sign_ins.throttle.forgive(None, address)
        return await self.sign_ins.open(user, errand.post_id, Means.provider), errand.then

    async def _told(self, answer: Answer, address: str) -> tuple[Errand, str]:
        try:
            errand = Errand.of(answer.cookie, answer.state, self.sign_ins.clock())
            code = answer.code_of(self.provider.registration.issuer)
            return errand, await self.provider.subject(code, errand)
        except ProviderRefused:
            await self._failed(None, WhyNot.answer)
            raise
        except ProviderUnreachable:
            await self.sign_ins.throttle.forgive(None, address)  # nobody's failure
            raise

    async def _linked(self, subject: str) -> User:
        linked = subject_hash(self.provider.registration.issuer, subject)
        user = user_of_subject(self.sign_ins.catalogue.users(), linked)
        if user is None:
            await self._failed(None, WhyNot.unlinked)
            raise SubjectNotLinked
        if user.is_suspended:
            await self._failed(user.staff_id, WhyNot.suspended)
            raise SubjectNotLinked
        return user

    async def _failed(self, staff_id: str | None, why: WhyNot) -> None:
        await self.journal.sign_in_failed(staff_id, Means.provider, why)
