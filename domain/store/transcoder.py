"""JSON for the eventsourcing library that gives back what it was given.

The library marks values of other types by a dictionary with the keys `_type_` and `_data_`; a dictionary of the
user's own with just these keys then cannot be read again. Here such a dictionary is marked in its turn.
"""

from typing import Any, Final

from eventsourcing.persistence import JSONTranscoder, Transcoding

MARKS: Final = {"_type_", "_data_"}


class _LookAlike:
    """A dictionary whose keys look like the library's marks."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document


class LookAlikeAsPairs(Transcoding):
    type = _LookAlike
    name = "look_alike_as_pairs"

    def encode(self, obj: _LookAlike) -> list[list[Any]]:
        return [[key, value] for key, value in obj.document.items()]

    def decode(self, data: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(data)


class FaithfulTranscoder(JSONTranscoder):
    """The library's transcoder, for every dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.register(LookAlikeAsPairs())

    def encode(self, obj: Any) -> bytes:
        return super().encode(_marked(obj))

    def _encode_obj(self, o: Any) -> dict[str, Any]:
        encoded = super()._encode_obj(o)
        return encoded | {"_data_": _marked(encoded["_data_"])}


def _marked(value: Any) -> Any:
    match value:
        case dict():
            document = {key: _marked(item) for key, item in value.items()}
            return _LookAlike(document) if document.keys() == MARKS else document
        case list():
            return [_marked(item) for item in value]
        case tuple():
            return tuple(_marked(item) for item in value)
        case _:
            return value
