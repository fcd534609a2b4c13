"""How long a session lasts. Source: NIST SP 800-63B-3, sections 4.2.3 and 7.2: at AAL2 no longer than 12 hours, and no
longer than 30 minutes without being used."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.store.secrets import Session


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Whichever is over first."""

    most: timedelta = timedelta(hours=10)
    """A working day; then people say again who they are."""
    idle: timedelta = timedelta(minutes=30)

    @property
    def told_apart(self) -> timedelta:
        """That somebody was seen is written down no more often: a session may end so much early for being idle."""
        return self.idle / 30

    def is_idle(self, session: Session, now: datetime) -> bool:
        return session.seen_at + self.idle <= now

    def is_news(self, session: Session, now: datetime) -> bool:
        """Whether it is time to write down that the session is used."""
        return session.seen_at + self.told_apart <= now
