"""How tests ask what is served on this machine: with patience, for it is busy, and in no need of the world's certificates."""

import ssl
from functools import partial
from typing import Final

import httpx

from tests.waiting import LONGEST_SECONDS

NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no certificate. To load those that everybody trusts takes each client twenty milliseconds of a processor."""
PATIENTLY: Final = {"timeout": LONGEST_SECONDS, "trust_env": False, "verify": NOBODY}

a_client = partial(httpx.Client, **PATIENTLY)
an_async_client = partial(httpx.AsyncClient, **PATIENTLY)
get = partial(httpx.get, **PATIENTLY)
post = partial(httpx.post, **PATIENTLY)
stream = partial(httpx.stream, **PATIENTLY)
