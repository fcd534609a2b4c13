"""The identity provider of the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from api.provider import Registration
from api.provider.speaking import Provider
from ops.failures import CannotDo
from ops.settings import Settings


@asynccontextmanager
async def opened_provider(chosen: Settings) -> AsyncIterator[Provider | None]:
    """None where the settings name none. It is first spoken to when somebody signs in. Raises CannotDo."""
    registration = registered(chosen)
    if registration is None:
        yield None
        return
    # trust_env: settings stand in one place, and whatever else is in the environment does not lead a secret elsewhere
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=10) as client:
        yield Provider(registration, client)


def registered(chosen: Settings) -> Registration | None:
    """Raises CannotDo where something is missing."""
    if chosen.oidc_issuer is None:
        return None
    if chosen.oidc_client_id is None or chosen.public_url is None:
        raise CannotDo(
            "With JIANDU_OIDC_ISSUER also JIANDU_OIDC_CLIENT_ID and JIANDU_PUBLIC_URL must be set."
            " 设置 JIANDU_OIDC_ISSUER 时，须一并设置 JIANDU_OIDC_CLIENT_ID 与 JIANDU_PUBLIC_URL。"
        )
    return Registration(
        issuer=chosen.oidc_issuer,
        client_id=chosen.oidc_client_id,
        public_url=chosen.public_url,
        client_secret=_secret(chosen),
        claim=chosen.oidc_claim,
        scope=chosen.oidc_scope,
    )


def _secret(chosen: Settings) -> str | None:
    file = chosen.oidc_client_secret_file
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise CannotDo(
            f"JIANDU_OIDC_CLIENT_SECRET_FILE cannot be read: {error.strerror}. 客户端密钥文件无法读取。"
        ) from error
