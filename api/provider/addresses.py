"""Which addresses of a provider are spoken to."""

from typing import Final
from urllib.parse import urlsplit

ON_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_guarded(url: str) -> bool:
    """https; on this machine http will do. Never with a name and password, nor a fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_whole = bool(parts.hostname) and not parts.username and not parts.fragment
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ON_THIS_MACHINE)
    return is_whole and is_safe
