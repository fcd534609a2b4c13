"""How the command is used, in both languages: the pages of --help, and what is said of words that it does not understand.

typer speaks English alone. What it says is taken as it leaves, in one place: each of its sentences has its Chinese one
here, and tests/unit/test_usage.py meets them all, so that one which a later typer words otherwise is missed there.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import typer
from typer.main import get_command

HEADINGS: Final = {"Arguments": "参数 Arguments", "Options": "选项 Options", "Commands": "命令 Commands"}
PLACES: Final = {"[OPTIONS]": "[选项 OPTIONS]", "COMMAND [ARGS]...": "命令 COMMAND [参数 ARGS]..."}
NOTES: Final = {"default: ": "缺省 default: ", "required]": "必填 required]"}
A_NOTE: Final = re.compile(r"(?<=[\[ ])(?:default: |required\])")
HELP: Final = "显示本说明 · Show this message and exit."

UNTOLD: Final = "命令用法有误，请按 --help 所示填写。"
OF_WORDS: Final = (
    (r"Missing argument (?P<what>'.+?')\.", "缺少参数 {what}。"),
    (r"Missing option (?P<what>'.+?')\.", "缺少选项 {what}。"),
    (r"Missing command\.", "未说明要做什么：缺少命令。"),
    (r"No such option: (?P<what>\S+)(?: \(Possible options: (?P<near>.+)\))?", "没有选项 {what}{near}。"),
    (r"No such command (?P<what>'.+?')\.(?: Did you mean (?P<near>.+)\?)?", "没有命令 {what}{near}。"),
    (r"Option (?P<what>'.+?') requires an argument\.", "选项 {what} 后须有值。"),
    (r"Option (?P<what>'.+?') requires (?P<count>\d+) arguments\.", "选项 {what} 后须有 {count} 个值。"),
    (r"Option (?P<what>'.+?') does not take a value\.", "选项 {what} 不带值。"),
    (r"Got unexpected extra argument\(s\) \((?P<what>.+)\)", "多出的参数：{what}。"),
)
"""What typer says of words that it misses or does not know."""

OF_VALUES: Final = (
    (r"Input should be a valid integer.*", "应为整数。"),
    (r"Unable to parse input string as an integer.*", "应为整数，且不得过大。"),
    (r"Input should be a valid number.*", "应为数字。"),
    (r"Input should be greater than or equal to (?P<what>.+)", "不得小于 {what}。"),
    (r"Input should be less than or equal to (?P<what>.+)", "不得大于 {what}。"),
    (r"Value error, (?P<given>'.*') is not one of (?P<what>.+)\.", "{given} 不在可选之列：{what}。"),
    (r"\w+ (?P<what>'.*') is not readable\.", "{what} 无法读取。"),
    (
        r"Value error, (?P<given>.+) is not a day of 2000 to 2099 as (?P<what>\S+)\.",
        "{given} 不是 2000 至 2099 年的日期，应写作 {what}。",
    ),
    (
        r"Value error, (?P<given>.+) is not a time of 2000 to 2099 as RFC 3339 has it, (?P<what>\S+)\.",
        "{given} 不是 2000 至 2099 年带时差的时间（RFC 3339），应写作 {what}。",
    ),
    (r"Value error, (?P<given>.+) is not the name of a login\.", "{given} 不是数据库登录名。"),
    (
        r"Value error, (?P<given>.+) is not an address as (?P<what>\S+)\.",
        "{given} 不是服务地址，应写作 {what}。",
    ),
    (r"(?P<given>.+) is not text in UTF-8\.", "{given} 不是 UTF-8 文本。"),
)
"""What it says behind "Invalid value for …:"."""

INVALID: Final = re.compile(r"Invalid value for (?P<option>'.+?'): (?P<reason>.*)", re.DOTALL)


def run(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Does what the command line says. The exit code."""
    command = get_command(app)
    _in_both_languages(command)
    try:
        return command.main(list(arguments), "jiandu", standalone_mode=False) or 0
    except typer.TyperException as error:
        print(_told(error), file=sys.stderr)
        return error.exit_code
    except typer.Abort:
        print("jiandu: Aborted. 已中止。", file=sys.stderr)
        return 1


def chinese(message: str) -> str:
    """The Chinese sentence beside one of typer's."""
    if invalid := INVALID.fullmatch(message):
        reason = _worded(OF_VALUES, invalid["reason"]) or "请按 --help 所示填写。"
        return f"{invalid['option']} 的值无效：{reason}"
    return _worded(OF_WORDS, message) or UNTOLD


def _worded(sentences: Iterable[tuple[str, str]], message: str) -> str | None:
    for pattern, sentence in sentences:
        if said := re.fullmatch(pattern, message, re.DOTALL):
            words = said.groupdict(default="")
            if near := words.get("near"):
                words["near"] = f"（是否指 {near}）"
            return sentence.format_map(words)
    return None


def _told(error: typer.TyperException) -> str:
    """A command without its words is answered with its page; anything else with a sentence, and where the page is."""
    message = error.format_message()
    match getattr(error, "ctx", None):
        case Page() as page if message == page.get_help():
            return message
        case Page() as page:
            where = f"详见 See: {page.command_path} --help"
            return f"{page.get_usage()}\n{where}\n\n{_sentences(message)}"
    return _sentences(message)


def _sentences(message: str) -> str:
    english = " ".join(message.split()).replace("Value error, ", "")
    end = "" if english.endswith((".", "?")) else "."
    return f"jiandu: {english}{end} {chinese(message)}"


class Layout(typer.Context.formatter_class):  # type: ignore[misc, valid-type]
    """A page of help, as typer lays it out."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        for place, named in PLACES.items():
            args = args.replace(place, named)
        super().write_usage(prog, args, prefix or "用法 Usage: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(HEADINGS.get(heading, heading))

    def write_dl(self, rows: Sequence[tuple[str, str]], *spacing: int, **named: int) -> None:
        super().write_dl([(name, _noted(text)) for name, text in rows], *spacing, **named)


def _noted(text: str) -> str:
    if text == "Show this message and exit.":
        return HELP
    return A_NOTE.sub(lambda note: NOTES[note[0]], text)


class Page(typer.Context):
    """What typer knows of one command when it shows its page."""

    formatter_class = Layout

    def invoke(self, callback: Callable[..., Any], /, *args: Any, **given: Any) -> Any:
        for each in self.command.params:
            _expect_text(given.get(each.name or ""), each, self)
        return super().invoke(callback, *args, **given)


def _expect_text(value: object, named: Any, page: Page) -> None:
    """A path may be of any bytes. Text that is no UTF-8 is nothing that the record could hold or be asked for."""
    for each in value if isinstance(value, list | tuple) else (value,):
        if isinstance(each, str) and not each.isascii() and each != each.encode(errors="ignore").decode():
            raise typer.BadParameter(f"{each!r} is not text in UTF-8.", ctx=page, param=named)


def _in_both_languages(command: Any) -> None:
    """This command and all below it."""
    command.context_class = Page
    for below in getattr(command, "commands", {}).values():
        _in_both_languages(below)
