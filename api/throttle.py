"""How often somebody may fail to sign in before nothing is looked at any more. Each process counts for itself."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

FAILURES: Final = 5
WITHIN: Final = timedelta(minutes=15)
REMEMBERED: Final = 50_000


class Throttle:
    """Counts failures by name and by address; a success forgets the name's."""

    def __init__(self, failures: int = FAILURES, within: timedelta = WITHIN) -> None:
        self._most = failures
        self._within = within
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()

    def blocks(self, who: str, now: datetime) -> bool:
        failed = self._failed.get(who)
        if failed is None:
            return False
        while failed and now - failed[0] >= self._within:
            failed.popleft()
        return len(failed) >= self._most

    def failed(self, who: str, now: datetime) -> None:
        self._failed.setdefault(who, deque(maxlen=self._most)).append(now)
        self._failed.move_to_end(who)
        if len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def succeeded(self, who: str) -> None:
        self._failed.pop(who, None)
