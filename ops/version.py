"""`jiandu version`."""

import platform
from importlib.metadata import version as version_of


def version() -> None:
    print(
        f"简牍 Jiandu {version_of('jiandu')} · Python {platform.python_version()} · {platform.platform(terse=True)}"
    )
