"""A file to take away: whole under its name, or what stood there stays; what is no file stays what it is."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ops.drafts import drafted, writing
from ops.failures import CannotDo
from ops.witness.packing import pack
from tests.disks import a_disk_of


def test_a_file_takes_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "case.zip"
    with drafted(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"whole", [path])


def test_what_breaks_off_leaves_what_stood_there_and_is_told_as_what_it_is(tmp_path):
    path = tmp_path / "case.zip"
    path.write_bytes(b"before")

    def breaking_off():
        with drafted(path) as file:
            file.write(b"half")
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        breaking_off()
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"before", [path])


def test_a_pipe_is_given_the_whole_and_stays_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor() as others:
        read = others.submit(path.read_bytes)
        with drafted(path) as file:
            file.write(b"whole")
        assert read.result() == b"whole"
    assert path.is_fifo()
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_one_and_what_it_leads_to_is_written_whole(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"what stood there before")
    link.symlink_to(target)
    with drafted(link) as file:
        file.write(b"whole")
    assert link.is_symlink()
    assert target.read_bytes() == b"whole"


def test_a_full_disk_is_said_with_the_name_of_the_file(tmp_path):
    path = tmp_path / "full"
    path.symlink_to("/dev/full")
    with pytest.raises(CannotDo, match="无法写入"), drafted(path) as file:
        file.write(b"whole")


def write_lines(file, lines):
    file.writelines(lines)


def write_pieces(file, pieces):
    for piece in pieces:
        file.write(piece)
    file.flush()


@pytest.mark.parametrize("write", [write_lines, write_pieces])
@pytest.mark.parametrize("pieces", [[b"x" * 5000] * 40, [b"x" * 5000]], ids=["amid", "at the end"])
@pytest.mark.parametrize("before", [b"before", None])
def test_a_disk_that_fills_up_is_said_and_leaves_what_stood_there(tmp_path, write, pieces, before):
    path = tmp_path / "cases.xes"
    if before is not None:
        path.write_bytes(before)
    with a_disk_of(4096), pytest.raises(CannotDo, match="无法写入"), drafted(path) as file:
        write(file, pieces)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([] if before is None else [before])


def test_a_witness_is_packed_whole_or_not_at_all(tmp_path):
    with a_disk_of(16 * 1024), pytest.raises(OSError, match="File too large"):
        pack(tmp_path / "witness.pyz")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_said_before_anything_else_is_done(tmp_path):
    with pytest.raises(CannotDo, match="cannot be written"), drafted(tmp_path / "missing" / "case.zip"):
        pytest.fail("nothing is done")
    with pytest.raises(CannotDo, match="cannot be written"), writing(tmp_path):
        tmp_path.write_bytes(b"")
