"""What a witness says of its own use, and of what it does not understand: in Chinese and in English."""

import pytest

from ops.witness import usage
from ops.witness.words import WORDS, main

REFUSED = (
    ("", "缺少参数：WORD。", "the following arguments are required: WORD."),
    ("check", "缺少参数：folder。", "the following arguments are required: folder."),
    ("create here", "缺少参数：--name。", "the following arguments are required: --name."),
    ("chekc here", "没有命令 'chekc'。", "invalid choice: 'chekc'"),
    ("check here there", "多出的参数：there。", "unrecognized arguments: there."),
    ("check here --all", "多出的参数：--all。", "unrecognized arguments: --all."),
    ("serve here --listen", "--listen 后须有值。", "expected one argument."),
    ("check here --help=1", "-h/--help 不带值。", "ignored explicit argument '1'."),
    (
        "serve here --listen x",
        "--listen 的值 'x' 无效，应写作 主机:端口，端口不大于 65535。",
        "argument --listen: 'x' is not host:port.",
    ),
    ("serve here --listen h:99999", "端口不大于 65535。", "'h:99999' is not host:port."),
    (
        "serve here --listen h:٣",
        "--listen 的值 'h:٣' 无效，应写作 主机:端口，端口不大于 65535。",
        "'h:٣' is not host:port.",
    ),
    (
        "serve here --cert x",
        "选项 --cert 不明确，可能指 --certificate, --certificate-key。",
        "ambiguous option",
    ),
)


@pytest.mark.parametrize(("words", "zh", "en"), REFUSED, ids=[words or "nothing" for words, _, _ in REFUSED])
def test_what_is_not_understood_is_said_in_both_languages(capsys, words, zh, en):
    with pytest.raises(SystemExit) as ended:
        main(words.split(), called="jiandu witness")
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert said.startswith("用法 usage: jiandu witness ")
    assert said.splitlines()[-1].endswith(zh)
    assert en in said.splitlines()[-1]


def test_what_has_no_sentence_yet_is_said_in_chinese_all_the_same():
    assert usage.chinese("something new") == usage.UNTOLD


@pytest.mark.parametrize("word", ["", *(each.said for each in WORDS)])
def test_every_page_is_in_both_languages(capsys, word):
    with pytest.raises(SystemExit) as ended:
        main([*word.split(), "--help"])
    page = capsys.readouterr().out
    assert ended.value.code == 0
    assert page.startswith("用法 usage: witness ")
    assert "\n参数 arguments:\n" in page
    assert "\n选项 options:\n" in page
    assert "显示本说明 · show this page and exit" in page
