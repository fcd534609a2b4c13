"""Documents lie outside the bundle: events name them by hash, and files that an auditor brings are compared."""

from hashlib import sha256

import pytest

from domain.evidence.bundle import bundle
from domain.evidence.verify import Event, Refused, documents, verify
from tests.evidenced import a_log, trusting

SCAN, MANDATE = b"%PDF-1.7 scanned", b"a mandate"
NAMED = {
    "attachments": [{"sha256": sha256(SCAN).hexdigest(), "size_bytes": len(SCAN), "title": "申请表"}],
    "mandate": {"document_sha256": sha256(MANDATE).hexdigest()},
}


@pytest.fixture
def proved(tmp_path):
    log = a_log()
    position = log.tell("case:A", "case.received.v1", **NAMED)
    log.root_heads()
    (tmp_path / "case.zip").write_bytes(bundle(log.evidence("case:A")))
    folder = tmp_path / "files"
    (folder / "scans").mkdir(parents=True)

    def report():
        told = verify(str(tmp_path / "case.zip"), trusting(), None, [], 120, folder)
        return [line for line in told if "document of" in line]

    return position, folder, report


def test_documents_that_were_not_brought_are_listed(proved):
    position, _, report = proved
    assert report() == [
        f"附件 document of #{position} sha256 {sha256(SCAN).hexdigest()}: 未带来 not brought",
        f"附件 document of #{position} document_sha256 {sha256(MANDATE).hexdigest()}: 未带来 not brought",
    ]


def test_documents_that_were_brought_are_compared(proved):
    _, folder, report = proved
    (folder / "scans" / "form.pdf").write_bytes(SCAN)
    (folder / "mandate.txt").write_bytes(MANDATE)
    assert [line.rpartition(": ")[2] for line in report()] == ["✓ form.pdf", "✓ mandate.txt"]


def test_a_document_that_was_changed_is_refused(proved):
    _, folder, report = proved
    (folder / "form.pdf").write_bytes(SCAN + b" ")
    with pytest.raises(Refused, match=r"form\.pdf"):
        report()


@pytest.mark.parametrize(
    "state", [None, b"\xff", b'{"note":"\\"sha256\\":\\"' + b"0" * 64 + b'\\""}', b'{"sha256":7}']
)
def test_what_names_no_document_is_passed_over(state):
    event = Event(*[None] * 11, state)
    assert list(documents([event], None)) == []
