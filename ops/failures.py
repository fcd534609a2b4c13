"""What an operator can put right: said in a sentence, without a traceback."""


class CannotDo(Exception):  # noqa: N818  — it reads as what the command says
    """The command stops here; the message is a sentence in English and Chinese."""
