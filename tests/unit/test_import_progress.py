"""The progress of an import: kept line by line, torn lines forgiven, another file or server never continued."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.client import Ask
from ops.importing.progress import Header, Stretch, load_progress
from ops.importing.report import Report
from ops.importing.sayings import CaseSaid, Said
from ops.importing.sending import BATCH, Errand, waves

HEADER = Header(source="s", file_sha256="f", mapping_sha256="m", server="http://here")
NOTHING = CaseSaid(*[None] * 9)


def stretch(through_line: int, **case_numbers: str) -> Stretch:
    report = Report(source="s", rows=10, cases=len(case_numbers), steps=3)
    return Stretch(through_line=through_line, case_no_by_case=case_numbers, report=report)


def test_what_was_kept_is_found_again(tmp_path):
    path = tmp_path / "imports" / "s.jsonl"
    first = load_progress(path, HEADER)
    first.add(stretch(11, a="1"))
    first.add(stretch(21, b="2"))
    again = load_progress(path, HEADER)
    assert again.through_line == 21
    assert again.case_numbers() == {"a": "1", "b": "2"}


def test_a_torn_last_line_is_left_out(tmp_path):
    path = tmp_path / "s.jsonl"
    progress = load_progress(path, HEADER)
    progress.add(stretch(11, a="1"))
    whole = path.read_bytes()
    progress.add(stretch(21, b="2"))
    torn = path.read_bytes()
    path.write_bytes(torn[: len(whole) + 20])
    assert load_progress(path, HEADER).through_line == 11


@pytest.mark.parametrize("changed", ["source", "file_sha256", "mapping_sha256", "server"])
def test_progress_of_something_else_is_not_continued(tmp_path, changed):
    path = tmp_path / "s.jsonl"
    load_progress(path, HEADER).add(stretch(11, a="1"))
    other = HEADER.model_copy(update={changed: "other"})
    assert load_progress(path, other).through_line == 0
    assert load_progress(path, HEADER).through_line == 0


def test_the_report_of_a_continued_run_counts_what_earlier_runs_did(tmp_path):
    path = tmp_path / "s.jsonl"
    load_progress(path, HEADER).add(stretch(11, a="1"))
    report = load_progress(path, HEADER).report(Report(source="s", conclusions=1))
    assert (report.rows, report.cases, report.steps, report.conclusions) == (10, 1, 3, 1)
    assert report.repeats == 4


@settings(max_examples=60)
@given(st.lists(st.sampled_from("abcdefgh"), max_size=3 * BATCH))
def test_a_case_stays_in_order_through_batches_and_waves(cases):
    errands = [errand(case, n) for n, case in enumerate(cases)]
    sent: list[Errand] = []
    for wave in waves(errands):
        together = [{errand.said.case for errand in batch} for batch in wave]
        assert all(len(batch) <= BATCH for batch in wave)
        assert sum(map(len, together)) == len(set().union(*together))
        sent += [errand for batch in wave for errand in batch]
    for case in set(cases):
        assert [e.said.line for e in sent if e.said.case == case] == [
            n for n, c in enumerate(cases) if c == case
        ]


def test_one_long_case_goes_in_one_batch_after_the_other():
    errands = [errand("a", n) for n in range(2 * BATCH + 1)]
    assert [[len(batch) for batch in wave] for wave in waves(errands)] == [[BATCH], [BATCH], [1]]


def errand(case: str, line: int) -> Errand:
    said = Said(line, case, str(line), None, None, None, None, None, NOTHING)
    return Errand(said, Ask(key=str(line), action={}))
