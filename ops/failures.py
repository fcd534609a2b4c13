"""What an operator can put right: said in a sentence, without a traceback."""

from importlib import import_module

from pydantic import ValidationError


class CannotDo(Exception):  # noqa: N818  — it reads as what the command says
    """The command stops here; the message is a sentence in English and Chinese."""


def not_taken(error: ValidationError) -> CannotDo:
    """Of what an operator gave, as no command can be made of it: where, and why, without what was given, for a reason may hold
    somebody's number. What anybody else gave, a server or the log, is not told by this.
    """
    errors_of = import_module("api.validation").errors_of
    found = errors_of(error.errors(include_url=False, include_input=False))
    told = [f"\n  {each['pointer']}: {each['message_en']}. {each['message']}。" for each in found]
    return CannotDo("What was given cannot be recorded. 所给内容无法登记。" + "".join(told))
