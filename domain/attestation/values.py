"""The words of the log's statements about itself."""

from typing import Annotated

from pydantic import AfterValidator, Field

from domain.proof.note import Key


def _whole(vkey: str) -> str:
    Key.from_vkey(vkey)
    return vkey


VerifierKey = Annotated[
    str,
    Field(max_length=400, pattern=r"^[!-*,-~]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{43,44}=?$"),
    AfterValidator(_whole),
]
"""A public key in one line: name, identifier, key. Source: C2SP signed-note."""
Origin = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[0-9a-z][0-9a-z._/-]*$")]
"""The name of a log, unique in the world: as a URL without its scheme."""
Size = Annotated[int, Field(ge=1, le=2**53)]
"""Of a tree: how many leaves, and so up to which position."""
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in lower-case hexadecimal."""
SignatureLine = Annotated[str, Field(max_length=400, pattern=r"^[!-*,-~]+ [A-Za-z0-9+/]{4,300}={0,2}$")]
"""One signature line of a note without its dash: the key's name, a space, base64 of identifier and signature."""
