"""Who makes a request, for certain: a session's cookie, or an API key. The served application knows no other way.

What was once verified is remembered for a moment; that an account was suspended, a password changed or a key revoked
is heard from the log at once, since the catalogue follows it.
"""

import hmac
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

from starlette.requests import Request

from api.identity import member_of_staff
from api.journal import Journal
from api.lifetimes import Lifetimes
from api.refusals.access import CrossSite, IdentityMissing, IdentityUnknown, KeyMayNotSpeak
from domain.access.decision import Principal, reach
from domain.access.keys import ApiKey
from domain.application import Keeper
from domain.catalogue import Catalogue
from domain.grammar import Actor, local_day
from domain.store.secrets import Session, token_hash

SPEAKS_FOR: Final = "x-jiandu-speaks-for"
CSRF: Final = "x-csrf-token"
COOKIE: Final = "__Host-jiandu"
NAMED: Final = re.compile(r"([0-9A-Za-z][0-9A-Za-z._/-]{0,63})@([0-9A-Za-z][0-9A-Za-z._/-]{0,63})")
BEARER: Final = re.compile(r"Bearer jdk_([0-9a-z]{4,32})_([0-9A-Za-z_-]{43})", re.IGNORECASE)
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_REMEMBERED_SECONDS: Final = 5.0
"""So long a session that ended in another process may still be taken here."""
REMEMBERED: Final = 4096


class Secrets(Protocol):
    """What opens the door, hashed: `domain/store/secrets.py`."""

    async def keep_password(self, staff_id: str, password_hash: str) -> None: ...
    async def password_hash(self, staff_id: str) -> str | None: ...
    async def open_session(self, token: str, session: Session) -> None: ...
    async def session(self, token: str) -> Session | None: ...
    async def see_session(self, token: str, seen_at: datetime) -> None: ...
    async def end_session(self, token: str) -> None: ...
    async def keep_api_key(self, key_id: str, secret: str) -> None: ...
    async def api_key_hash(self, key_id: str) -> bytes | None: ...
    async def attempt(self, kind: str, drawer: int, at: datetime, within: timedelta, most: int) -> int: ...
    async def forgive(self, name_drawer: int | None, address_drawer: int) -> None: ...


class _Verified(NamedTuple):
    session: Session
    until: float


class _Resolved:
    """Who was found to be meant, for as long as the day lasts and nothing is heard of any key, person, post or unit."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._under: tuple[int, date] | None = None
        self._principals: dict[Hashable, Principal] = {}

    def of(self, meant: Hashable, today: date, find: Callable[[], Principal]) -> Principal:
        """Raises what `find` raises, which is found out anew each time."""
        under = self._catalogue.revision, today
        if under != self._under or len(self._principals) >= REMEMBERED:
            self._under = under
            self._principals.clear()
        principal = self._principals.get(meant)
        if principal is None:
            principal = self._principals[meant] = find()
        return principal


class Authentication:
    """The real identification."""

    def __init__(
        self,
        keeper: Keeper,
        secrets: Secrets,
        journal: Journal,
        clock: Callable[[], datetime],
        lifetimes: Lifetimes | None = None,
    ) -> None:
        self._catalogue = keeper.catalogue
        self._secrets = secrets
        self._journal = journal
        self._clock = clock
        self.lifetimes = lifetimes or Lifetimes()
        self._key_by_header: OrderedDict[str, str] = OrderedDict()
        self._sessions: OrderedDict[str, _Verified] = OrderedDict()
        self._resolved = _Resolved(keeper.catalogue)
        self._used: dict[str, date] = {}

    async def principal(self, request: Request) -> Principal:
        """Raises IdentityMissing, IdentityUnknown (401), AccountSuspended, PostNotHeld, KeyMayNotSpeak, CrossSite (403), LogBusy."""
        return await self._meant(request, self.session)

    async def still(self, request: Request) -> Principal:
        """As `principal`; nobody keeps a session from falling idle by following the log."""
        return await self._meant(request, self._standing_session)

    async def _meant(self, request: Request, opened: Callable[[str], Awaitable[Session]]) -> Principal:
        given = request.headers.getlist("authorization")
        if given:
            return await self._by_key(request, given)
        token = token_of(request)
        if token is None:
            raise IdentityMissing
        session = await opened(token)
        if request.method not in SAFE:
            expect_same_site(request, token)
        today, staff_id, post_id = local_day(self._clock()), session.staff_id, session.post_id
        return self._resolved.of(
            (staff_id, post_id), today, lambda: member_of_staff(staff_id, post_id, self._catalogue, today)
        )

    # ── keys ────────────────────────────────────────────────────────────────────────────────────────────────

    async def _by_key(self, request: Request, given: list[str]) -> Principal:
        if len(given) != 1:
            raise IdentityMissing
        key_id = self._key_by_header.get(given[0]) or await self._verified(given[0])
        today = local_day(self._clock())
        named = tuple(request.headers.getlist(SPEAKS_FOR))
        principal = self._resolved.of(
            (key_id, named), today, lambda: self._speaking(self._standing(key_id, today), named, today)
        )
        if self._used.get(key_id) != today:
            self._used[key_id] = today
            await self._journal.key_used(principal.actor, key_id)
        return principal

    async def _verified(self, header: str) -> str:
        """The key's number. Raises IdentityUnknown."""
        told = BEARER.fullmatch(header)
        if told is None:
            raise IdentityMissing
        key_id, secret = told.groups()
        kept = await self._secrets.api_key_hash(key_id)
        if kept is None or not hmac.compare_digest(kept, token_hash(secret)):
            raise IdentityUnknown
        self._key_by_header[header] = key_id
        if len(self._key_by_header) > REMEMBERED:
            self._key_by_header.popitem(last=False)
        return key_id

    def _standing(self, key_id: str, today: date) -> ApiKey:
        issued = self._catalogue.api_key(key_id)
        if issued is None or issued.is_revoked or not issued.key.holds(today):
            raise IdentityUnknown
        return issued.key

    def _speaking(self, key: ApiKey, named: Sequence[str], today: date) -> Principal:
        if not named:
            return _programme(key)
        told = NAMED.fullmatch(named[0]) if len(named) == 1 else None
        if told is None:
            raise IdentityMissing
        if not key.speaks_for_posts:
            raise KeyMayNotSpeak
        staff = member_of_staff(told[1], told[2], self._catalogue, today, via=key.key_id)
        if not staff.division_code.startswith(reach(key.division_code)):
            raise KeyMayNotSpeak
        return replace(staff, actions=frozenset(key.actions), key_division=key.division_code)

    # ── sessions ────────────────────────────────────────────────────────────────────────────────────────────

    async def session(self, token: str) -> Session:
        """One that is used. Raises IdentityUnknown where it is over, or the account's sessions are."""
        return await self._seen(token, await self._standing_session(token))

    async def _standing_session(self, token: str) -> Session:
        """Raises IdentityUnknown."""
        verified = self._sessions.get(token)
        if verified is None or verified.until < time.monotonic():
            session = await self._secrets.session(token)
            if session is None:
                self._sessions.pop(token, None)
                raise IdentityUnknown
            verified = _Verified(session, time.monotonic() + SESSION_REMEMBERED_SECONDS)
            self._sessions[token] = verified
            if len(self._sessions) > REMEMBERED:
                self._sessions.popitem(last=False)
        self._expect_open(verified.session)
        return verified.session

    def _expect_open(self, session: Session) -> None:
        now, user = self._clock(), self._catalogue.user(session.staff_id)
        is_over = session.expires_at <= now or self.lifetimes.is_idle(session, now)
        # one that is ahead of the account was opened by whoever ended the others: the log tells it in a moment
        if is_over or user is None or user.is_suspended or user.generation > session.generation:
            raise IdentityUnknown

    async def _seen(self, token: str, used: Session) -> Session:
        now = self._clock()
        if not self.lifetimes.is_news(used, now):
            return used
        await self._secrets.see_session(token, now)
        session = replace(used, seen_at=now)
        if (verified := self._sessions.get(token)) is not None:
            self._sessions[token] = _Verified(session, verified.until)
        return session

    def forget(self, token: str) -> None:
        self._sessions.pop(token, None)


def _programme(key: ApiKey) -> Principal:
    who = Actor(staff_id=key.programme, role=key.role, via=key.key_id)
    return Principal(who, key.division_code, frozenset(key.actions), key.division_code)


def token_of(request: Request) -> str | None:
    return request.cookies.get(COOKIE)


def csrf_token(token: str) -> str:
    """Follows from the session's token, which no script can read: 64 hexadecimal digits."""
    return sha256(b"csrf\0" + token.encode()).hexdigest()


def expect_same_site(request: Request, token: str) -> None:
    """Raises CrossSite unless the request comes from a page of this server, with the session's own token."""
    headers = request.headers
    fetched = headers.get("sec-fetch-site", "same-origin")
    origin = headers.get("origin")
    is_ours = origin is None or origin.partition("://")[2] == headers.get("host")
    told = headers.get(CSRF, "")
    fits = hmac.compare_digest(told.encode(), csrf_token(token).encode())
    if fetched not in ("same-origin", "none") or not is_ours or not fits:
        raise CrossSite
