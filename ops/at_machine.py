"""Who runs a command: the account of the operating system, as the kernel knows it. Decision 0171.

What `--as` says is believed as said. Whose account said it stands beside it in the event: `zhang/1001`.
"""

import os
import pwd
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from domain.grammar import Actor, Code
from domain.personal_data import impersonal

LOGIN_UID: Final = Path("/proc/self/loginuid")
"""Who signed in at the machine, whatever they became since, as by sudo. Source: proc_pid_loginuid(5)."""
NOBODY: Final = 2**32 - 1
_CODE: Final[TypeAdapter[str]] = TypeAdapter(Code)


def by_command(actor: Actor) -> Actor:
    """The same, with the account under which this process was begun."""
    return actor.model_copy(update={"operator": account(_signed_in())})


def account(uid: int) -> str:
    """Login and number, as `zhang/1001`; the number alone where the login is unknown, no code, or somebody's number."""
    try:
        return _CODE.validate_python(impersonal(f"{pwd.getpwuid(uid).pw_name}/{uid}"))
    except (KeyError, ValueError, ValidationError):
        return str(uid)


def _signed_in() -> int:
    """Nobody signs in where a service or a container runs it: then whoever the process belongs to."""
    try:
        uid = int(LOGIN_UID.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return os.getuid()
    return os.getuid() if uid == NOBODY else uid
