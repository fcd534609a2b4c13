"""Trust policies, to the letter of C2SP tlog-policy."""

from itertools import combinations

import pytest

from domain.proof.note import COSIGNATURE, ED25519, Key
from domain.proof.policy import MalformedPolicy, Policy


def vkey(number, *, kind=COSIGNATURE, name="w.example/x"):
    return Key(name, kind, bytes([number]) * 32).vkey()


LOG = vkey(0, kind=ED25519, name="jiandu.example/qx")
X1, X2, X3, Y1, Y2, Y3 = (vkey(number) for number in range(1, 7))
TWO_LEVELS = f"""\
# the example of the specification
log {LOG} https://jiandu.example/

witness X1 {X1} https://x1.example/
witness X2 {X2}
witness\tX3   {X3}
  group X-witnesses 2 X1 X2 X3

witness Y1 {Y1}
witness Y2 {Y2}
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def policy(text):
    return Policy.from_bytes(text.encode())


def test_two_of_one_house_and_one_of_the_other_are_the_quorum_of_the_example():
    read = policy(TWO_LEVELS)
    everybody = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
    for count in range(7):
        for names in combinations(everybody, count):
            houses = [name[0] for name in names]
            assert read.is_witnessed_by(names) == (houses.count("X") >= 2 and houses.count("Y") >= 1)


def test_a_policy_says_where_logs_and_witnesses_are_reached():
    read = policy(TWO_LEVELS)
    assert [key.vkey() for key in read.log_keys("jiandu.example/qx")] == [LOG]
    assert read.logs[0].url == "https://jiandu.example/"
    assert read.witnesses["X1"].url == "https://x1.example/"
    assert read.witnesses["X2"].url is None
    assert read.log_keys("jiandu.example/another") == []


def test_nobody_need_cosign_where_the_quorum_is_none():
    assert policy("quorum none\n").is_witnessed_by([])


def test_one_witness_is_a_quorum_by_its_name():
    read = policy(f"witness 纪委 {X1}\nquorum 纪委\n")
    assert read.is_witnessed_by(["纪委"])
    assert not read.is_witnessed_by([])


def test_names_are_octets_and_a_kelvin_sign_is_no_letter_k():
    read = policy(f"witness K {X1}\nwitness \N{KELVIN SIGN} {X2}\nquorum \N{KELVIN SIGN}\n")
    assert not read.is_witnessed_by(["K"])
    assert len(Policy.from_bytes(b"witness \xff %s\nquorum \xff\n" % X1.encode()).witnesses) == 1


def test_a_no_break_space_is_a_letter_like_any_other():
    read = policy(f"witness a\N{NO-BREAK SPACE}b {X1}\nquorum a\N{NO-BREAK SPACE}b\n")
    assert list(read.witnesses) == ["a\N{NO-BREAK SPACE}b"]


@pytest.mark.parametrize(
    "broken",
    [
        "",
        f"log {LOG}\n",
        "quorum none",
        "quorum none\r\n",
        "quorum none\x7f\n",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none twice\n",
        "quorum X1\n",
        f"quorum X1\nwitness X1 {X1}\n",
        f"witness X1 {X1}\nwitness X1 {X2}\nquorum none\n",
        f"witness X1 {X1}\nwitness X2 {X1}\nquorum none\n",
        f"witness X1 {vkey(1, name='another.example')}\nwitness X2 {X1}\nquorum none\n",
        f"witness none {X1}\nquorum none\n",
        f"witness X1 {LOG}\nquorum none\n",
        f"witness X1 {X1} https://a.example/ b\nquorum none\n",
        f"witness X1 {X1[:-4]}AAA=\nquorum none\n",
        f"log {LOG}\nlog {LOG}\nquorum none\n",
        f"log {X1}\nquorum none\n",
        "group g any\nquorum none\n",
        f"witness X1 {X1}\ngroup g 2 X1\nquorum g\n",
        f"witness X1 {X1}\ngroup g 0 X1\nquorum g\n",
        f"witness X1 {X1}\ngroup g 01 X1\nquorum g\n",
        f"witness X1 {X1}\ngroup g most X1\nquorum g\n",
        f"witness X1 {X1}\ngroup g any X1 X1\nquorum g\n",
        f"witness X1 {X1}\ngroup g any X1\ngroup h any X1\nquorum h\n",
        f"group g any X1\nwitness X1 {X1}\nquorum g\n",
        "group g any g\nquorum g\n",
        f"witness X1 {X1}\ngroup X1 any X1\nquorum X1\n",
        f"witness X1 {X1}\ngroup none any X1\nquorum none\n",
        "policy none\nquorum none\n",
    ],
)
def test_a_policy_that_breaks_the_letter_is_refused(broken):
    with pytest.raises(MalformedPolicy):
        policy(broken)


def test_a_refusal_names_the_line():
    with pytest.raises(MalformedPolicy, match="line 2: no line above defines X9"):
        policy("# somebody\nquorum X9\n")
