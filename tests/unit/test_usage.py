"""What the command says of itself, and of words that it does not understand: in Chinese and in English."""

import io
import re

import pytest
import typer
from typer.main import get_command

from ops import command, settings, usage
from ops.failures import CannotDo
from ops.serve import _listening

CHINESE, ENGLISH = re.compile(r"[㐀-鿿]"), re.compile(r"[A-Za-z]{3}")
UNDERSTOOD = command.app_for([])
REFUSED = (
    ("evidence", "缺少参数 'case_no'。", "Missing argument 'case_no'."),
    ("recover", "缺少选项 '--officer'。", "Missing option '--officer'."),
    ("--", "缺少命令。", "Missing command."),
    ("events --nothing", "没有选项 --nothing。", "No such option: --nothing."),
    ("events -fx", "没有选项 -x。", "No such option: -x."),
    ("verify --comparr", "没有选项 --comparr（是否指 --compare）。", "(Possible options: --compare)."),
    ("nothing", "没有命令 'nothing'。", "No such command 'nothing'."),
    ("vreify", "没有命令 'vreify'（是否指 'verify'）。", "Did you mean 'verify'?"),
    ("admin frist", "没有命令 'frist'（是否指 'first'）。", "Did you mean 'first'?"),
    ("events --after", "选项 '--after' 后须有值。", "Option '--after' requires an argument."),
    ("verify --compare one", "选项 '--compare' 后须有 2 个值。", "requires 2 arguments."),
    ("events --json=1", "选项 '--json' 不带值。", "does not take a value."),
    ("serve here now", "多出的参数：here now。", "Got unexpected extra argument(s) (here now)."),
    ("admin first 1 2", "多出的参数：2。", "Got unexpected extra argument(s) (2)."),
    ("serve --port x", "'--port' 的值无效：应为整数。", "Invalid value for '--port'"),
    (f"serve --port {'9' * 5000}", "'--port' 的值无效：应为整数，且不得过大。", "exceeded maximum size."),
    ("events --limit 0", "'--limit' 的值无效：不得小于 1。", "greater than or equal to 1."),
    ("demo --cases 99999999", "'--cases' 的值无效：不得大于 ", "less than or equal to"),
    ("evidence 1 --wait x", "'--wait' 的值无效：应为数字。", "Input should be a valid number"),
    ("evidence 1 --wait -1", "'--wait' 的值无效：不得小于 0", "greater than or equal to 0"),
    ("evidence 1 --since x", "'--since' 的值无效：应为整数。", "Invalid value for '--since'"),
    (
        "replay 1 --course gone",
        "'--course' 的值无效：'gone' 不在可选之列：'known', 'happened'。",
        "'--course': 'gone' is not one of 'known', 'happened'.",
    ),
    (
        "admin assign-post p s --since x",
        "'x' 不是 2000 至 2099 年的日期，应写作 YYYY-MM-DD。",
        "'--since': 'x' is not a day",
    ),
    (
        "admin relieve-post p s --last-day 2026-02-30",
        "'2026-02-30' 不是 2000 至 2099 年的日期",
        "'--last-day': '2026-02-30'",
    ),
    ("demo --until 2026-13-01", "'2026-13-01' 不是 2000 至 2099 年的日期", "is not a day of 2000 to 2099"),
    ("demo --until soon", "'soon' 不是 2000 至 2099 年的日期", "is not a day of 2000 to 2099"),
    ("watch run --day 20261120", "'20261120' 不是 2000 至 2099 年的日期", "is not a day of 2000 to 2099"),
    (
        "watch run --known-at 2026-11-20T09:30",
        "'2026-11-20T09:30' 不是 2000 至 2099 年带时差的时间（RFC 3339），应写作 2026-11-20T09:30:00+08:00。",
        "is not a time of 2000 to 2099 as RFC 3339 has it, 2026-11-20T09:30:00+08:00.",
    ),
    ("watch run --happened-by 9999-12-31T23:59:59-23:59", "带时差的时间", "'--happened-by'"),
    ("serve --port 65536", "'--port' 的值无效：不得大于 65535。", "less than or equal to 65535."),
    ("demo --port -1", "'--port' 的值无效：不得小于 0。", "greater than or equal to 0."),
    ("migrate --admit=", "'' 不是数据库登录名。", "'' is not the name of a login."),
    ("events --topic 收\udcff", "'收\\udcff' 不是 UTF-8 文本。", "'收\\udcff' is not text in UTF-8."),
    (
        "recover --officer \udcff --reason r",
        "不是 UTF-8 文本。",
        "'--officer': '\\udcff' is not text in UTF-8.",
    ),
    ("replay \udcff", "不是 UTF-8 文本。", "is not text in UTF-8."),
    ("evidence 1 --wait inf", "'--wait' 的值无效：不得大于 86400", "less than or equal to 86400"),
    ("import f --mapping m --patience nan", "'--patience' 的值无效：不得大于 86400", "'--patience'"),
    (
        "import f --mapping m --server http://[::1",
        "'http://[::1' 不是服务地址，应写作 http://127.0.0.1:8000。",
        "'http://[::1' is not an address as http://127.0.0.1:8000.",
    ),
    ("import f --mapping m --server http://h:99999", "不是服务地址", "is not an address"),
    ("import f --mapping m --server 127.0.0.1:8000", "不是服务地址", "is not an address"),
    ("migrate --as nobody", "'--as' 的值无效：'nobody' 不在可选之列：", "is not one of"),
    ("admin issue-key p --action x", "'--action' 的值无效：'x' 不在可选之列：", "is not one of"),
)


@pytest.fixture
def say(capsys, monkeypatch):
    """The exit code of these words, and what was said on stderr."""
    monkeypatch.setattr(command, "prepare", lambda: None)  # the log of the suite stays as it is

    def said(*words):
        code = usage.run(command.app_for(words), words)
        return code, capsys.readouterr().err

    return said


@pytest.mark.parametrize(("words", "zh", "en"), REFUSED, ids=[words[:40] for words, _, _ in REFUSED])
def test_what_is_not_understood_is_said_in_both_languages(say, words, zh, en):
    code, said = say(*words.split())
    assert code == 2
    assert zh in said
    assert en in said
    assert usage.UNTOLD not in said
    assert said.splitlines()[-1].startswith("jiandu: ")


def test_who_is_not_understood_is_told_where_to_read(say):
    _, said = say("admin", "first")
    assert said.startswith(
        "用法 Usage: jiandu admin first [选项 OPTIONS] {staff_id}\n详见 See: jiandu admin first --help\n\n"
    )


def test_a_file_that_cannot_be_read_is_said_in_both_languages():
    message = "Invalid value for 'file': path '/a' is not readable."
    assert usage.chinese(message) == "'file' 的值无效：'/a' 无法读取。"


def test_what_has_no_sentence_yet_is_said_in_chinese_all_the_same():
    assert usage.chinese("Something new.") == usage.UNTOLD
    assert usage.chinese("Invalid value for '--a': something new") == "'--a' 的值无效：请按 --help 所示填写。"


def test_who_breaks_off_is_told_in_both_languages(capsys):
    app = typer.Typer()

    @app.command()
    def breaks_off():
        raise typer.Abort

    assert usage.run(app, []) == 1
    assert capsys.readouterr().err == "jiandu: Aborted. 已中止。\n"


def test_a_command_alone_shows_its_page(say):
    code, said = say("seal")
    assert code == 2
    assert said.startswith("用法 Usage: jiandu seal [选项 OPTIONS] 命令 COMMAND [参数 ARGS]...\n")
    assert "jiandu: " not in said


def test_what_a_command_exits_with_is_the_exit_code():
    app = typer.Typer()

    @app.command()
    def exits():
        raise typer.Exit(3)

    assert usage.run(app, []) == 3


def everything(named, path=()):
    yield " ".join(path) or "jiandu", named
    for name, below in getattr(named, "commands", {}).items():
        yield from everything(below, (*path, name))


EVERYTHING = dict(everything(get_command(UNDERSTOOD)))
ODD = ("", "x", "-1", "1e999", "nan", "9" * 400, "2026-02-30", "\udcff", "a" * 300, "/", "http://[")
SERVED_OR_SPOKEN = {"serve", "witness"}
"""They listen, or read their own words: tested where they are."""
WITH_WORDS = [
    path
    for path, named in EVERYTHING.items()
    if not hasattr(named, "commands") and path not in SERVED_OR_SPOKEN
]


def lines_with(path, param, odd):
    """The command line in which this one word is odd, and the others are not."""
    named = EVERYTHING[path]
    words = [
        odd if each is param else "1" for each in named.params if is_argument(each) and is_said(each, param)
    ]
    options = [
        word
        for each in named.params
        if not is_argument(each) and is_said(each, param)
        for word in (each.opts[0], *[odd if each is param else "1"] * each.nargs)
    ]
    flags = [each.opts[0] for each in named.params if each.name == "password_stdin"]
    return [*path.split(), *flags, *options, "--", *words]


def is_argument(param):
    return param.param_type_name == "argument"


def is_said(each, param):
    return each is param or each.required


def is_said_in_a_sentence(app, words):
    """As `command.main` judges: whatever else flies is a bug, and keeps its traceback."""
    try:
        return usage.run(app, words) in {0, 2}
    except (Exception, SystemExit) as error:  # noqa: BLE001  — which of them it is, is what is asked
        return isinstance(error, SystemExit) or command.trouble_of(error) is not None


@pytest.mark.parametrize("path", WITH_WORDS)
def test_whatever_is_given_no_command_ends_as_if_it_were_a_bug(monkeypatch, tmp_path, path):
    monkeypatch.setattr(command, "prepare", lambda: None)
    monkeypatch.setenv("JIANDU_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.chdir(tmp_path)
    app = command.app_for([])
    for param in EVERYTHING[path].params:
        for odd in () if getattr(param, "is_flag", False) else ODD:
            monkeypatch.setattr("sys.stdin", io.StringIO("a password\n" * 2))
            words = lines_with(path, param, odd)
            assert is_said_in_a_sentence(app, words), words


@pytest.mark.parametrize("host", ["a" * 300, "\udcff", "no.such.host.invalid"])
def test_a_host_that_cannot_be_listened_on_is_said_in_both_languages(monkeypatch, host):
    monkeypatch.setenv("JIANDU_HOST", host)
    with pytest.raises(CannotDo, match="无法监听"), _listening(settings.read()):
        pass


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_word_and_option_is_explained_in_both_languages(path):
    for explained in (EVERYTHING[path], *EVERYTHING[path].params):
        assert CHINESE.search(explained.help), explained
        assert ENGLISH.search(explained.help), explained


@pytest.mark.parametrize("path", [each for each in EVERYTHING if each != "witness"])
def test_every_page_has_its_headings_and_notes_in_both_languages(capsys, monkeypatch, path):
    monkeypatch.setattr(command, "prepare", lambda: None)
    words = [*path.split(), "--help"] if path != "jiandu" else ["--help"]
    assert usage.run(UNDERSTOOD, words) == 0
    page = capsys.readouterr().out
    headings = [line for line in page.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings
    for each in (page.splitlines()[0], *headings):
        assert CHINESE.search(each), each
    page = " ".join(page.split())
    assert page.count("default: ") == page.count("缺省 default: ")
    assert page.count("required]") == page.count("必填 required]")
    assert "显示本说明 · Show this message and exit." in page
