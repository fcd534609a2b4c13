"""How the witness is used, in both languages. argparse speaks English alone; what it says is taken as it leaves."""

import argparse
import re
import sys
from typing import Final, NoReturn

UNTOLD: Final = "用法有误，请按 --help 所示填写。"
PAGE: Final = {
    "usage: ": "用法 usage: ",
    "positional arguments:": "参数 arguments:",
    "options:": "选项 options:",
    "show this help message and exit": "显示本说明 · show this page and exit",
}
ADDRESS: Final = re.compile(r"(.*):([0-9]{1,5})", re.ASCII)
LAST_PORT: Final = 65_535
SENTENCES: Final = (
    (r"the following arguments are required: (.+)", "缺少参数：{}。"),
    (r"unrecognized arguments: (.+)", "多出的参数：{}。"),
    (r"argument \S+: invalid choice: (.+) \(choose from .+\)", "没有命令 {}。"),
    (r"argument (\S+): expected one argument", "{} 后须有值。"),
    (r"argument (\S+): ignored explicit argument .+", "{} 不带值。"),
    (r"argument (\S+): '(.*)' is not host:port", "{} 的值 '{}' 无效，应写作 主机:端口，端口不大于 65535。"),
    (r"ambiguous option: (\S+) could match (.+)", "选项 {} 不明确，可能指 {}。"),
)


class Grammar(argparse.ArgumentParser):
    """What follows a word of the witness."""

    def format_usage(self) -> str:
        return _in_both_languages(super().format_usage())

    def format_help(self) -> str:
        return _in_both_languages(super().format_help())

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}. {chinese(message)}\n")


def host_and_port(told: str) -> tuple[str, int]:
    """Where to listen."""
    address = ADDRESS.fullmatch(told)
    if address is None or int(address[2]) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"'{told}' is not host:port")
    return address[1], int(address[2])


def chinese(message: str) -> str:
    """The Chinese sentence beside one of argparse's."""
    for pattern, sentence in SENTENCES:
        if said := re.fullmatch(pattern, message, re.DOTALL):
            return sentence.format(*said.groups())
    return UNTOLD


def _in_both_languages(page: str) -> str:
    for english, both in PAGE.items():
        page = page.replace(english, both)
    return page
