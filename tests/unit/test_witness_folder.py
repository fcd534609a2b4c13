"""A witness's folder is made and changed whole, or not at all."""

import os

import pytest

from ops.witness.words import main
from tests.disks import a_disk_of
from tests.witnessed import LOG, NAME

VKEY = LOG.key().vkey()


def says(*words):
    with pytest.raises(SystemExit) as ended:
        main([*map(str, words)])
    return ended.value.code


@pytest.mark.parametrize(("name", "room"), [(NAME, 0), (NAME, 100), (NAME * 20, 200)])
def test_a_witness_for_which_there_is_no_room_is_made_once_there_is(tmp_path, capsys, name, room):
    """Neither is anything of it left, nor is it taken for one that is there already."""
    folder = tmp_path / "witness"
    with a_disk_of(room):
        refused = says("create", folder, "--name", name)
    assert (refused, list(folder.iterdir())) == (1, [])
    assert "File too large" in capsys.readouterr().err
    assert says("create", folder, "--name", name) == 0
    assert says("trust", folder, VKEY) == 0
    assert says("check", folder) == 0


def test_a_witness_that_is_there_keeps_whom_it_trusts(tmp_path):
    says("create", tmp_path, "--name", NAME)
    says("trust", tmp_path, VKEY)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert says("create", tmp_path, "--name", NAME) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nobody_is_trusted_of_whom_the_disk_knows_nothing(tmp_path, monkeypatch):
    says("create", tmp_path, "--name", NAME)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fails(_descriptor):
        raise OSError("the disk fails")

    monkeypatch.setattr(os, "fsync", fails)
    assert says("trust", tmp_path, VKEY) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
