"""What `jiandu recover` refuses whatever is lost, it refuses before anybody types a password."""

import pytest

import ops.recover
from ops.failures import CannotDo
from ops.recover import recover


@pytest.mark.parametrize(
    ("officers", "reason", "said"),
    [
        (["a-director"], "磁盘损坏", "officers"),
        (["a-director", "an-auditor", "an-officer"], "磁盘损坏", "officers"),
        (["a-director", "a-director"], "磁盘损坏", "须由两名不同人员"),
        (["a-director", "an-auditor"], "", "reason"),
    ],
    ids=["one", "three", "one twice", "no reason"],
)
def test_no_password_is_asked_for_a_statement_that_cannot_be_made(monkeypatch, officers, reason, said):
    asked = []
    monkeypatch.setattr(ops.recover, "getpass", lambda whose: asked.append(whose) or "")
    with pytest.raises(CannotDo, match=said):
        recover(officers, reason)
    assert asked == []
