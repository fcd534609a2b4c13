"""Notes, checkpoints, leaves and tiles, to the letter of their standards."""

from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.proof.checkpoint import Checkpoint, MalformedCheckpoint
from domain.proof.leaf import Leaf, MalformedLeaf, SealedEvent, state_hash
from domain.proof.note import (
    COSIGNATURE,
    Key,
    MalformedNote,
    Note,
    NotSigned,
    Signer,
    cosigned_at,
    opened,
)
from domain.proof.signing import ProcessSigner
from domain.proof.tiles import Tile, place_of, tiles_of

# From the documentation of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
GO_NOTE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
""".encode()
# From C2SP tlog-cosignature.
WITNESSED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()
SIGNER = Signer("jiandu.example/qx", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
WITNESS = Signer("jw.example/qx", Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64))))
EVENT = SealedEvent(
    county="qx",
    stream="case:61099910100020260303000017",
    version=7,
    occurred_at=datetime(2026, 5, 8, 9, 30, tzinfo=UTC),
    topic="case.approved.v1",
    state_hash=state_hash(b"{}"),
)
LEAF = Leaf(1042, EVENT, datetime(2026, 5, 15, 1, 2, 3, 4, tzinfo=UTC), bytes(range(64)))
LEAF_OF_BATCH = LEAF._replace(signature=bytes(range(132)))


def test_a_note_of_another_implementation_is_opened_with_its_key():
    note = Note.from_bytes(GO_NOTE)
    (signature,) = opened(note, [Key.from_vkey(GO_KEY)])
    assert note.text == "This is an example message.\n"
    assert signature.name == "example.com/foo"
    assert note.to_bytes() == GO_NOTE


def test_a_verifier_key_reads_back():
    assert Key.from_vkey(GO_KEY).vkey() == GO_KEY


def test_a_changed_text_is_not_signed():
    with pytest.raises(NotSigned):
        opened(
            Note.from_bytes(GO_NOTE.replace(b"example message", b"exemple message")), [Key.from_vkey(GO_KEY)]
        )


def test_a_known_key_whose_signature_fails_spoils_the_whole_note():
    note = Note("a text\n").signed_by(SIGNER.sign("a text\n"), WITNESS.sign("another text\n"))
    with pytest.raises(NotSigned):
        opened(note, [SIGNER.key(), WITNESS.key()])
    assert [one.name for one in opened(note, [SIGNER.key()])] == ["jiandu.example/qx"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no signatures\n",
        b"a text\n\n",
        b"a text\n\n- example.com/foo AAAAAAA=\n",
        "a text\n\n— name+plus AAAAAAAA\n".encode(),
        "a text\n\n— name AAAAAA==\n".encode(),
        "a text\n\n— name AAAAAAAB".encode(),
        "a\ttext\n\n— name AAAAAAAB\n".encode(),
        b"\xff\n\n",
    ],
)
def test_what_is_no_note_is_refused(broken):
    with pytest.raises(MalformedNote):
        Note.from_bytes(broken)


def test_the_standards_own_checkpoint_is_read():
    note = Note.from_bytes(WITNESSED)
    checkpoint = Checkpoint.from_text(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.root == b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert cosigned_at(note.signatures[1].value) == 1_679_315_147
    assert checkpoint.text() == note.text


@pytest.mark.parametrize(
    "text",
    [
        "origin\n01\n" + "A" * 43 + "=\n",
        "origin\n1\nAA==\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(MalformedCheckpoint):
        Checkpoint.from_text(text)


def test_a_witness_signs_the_time_with_the_checkpoint():
    text = Checkpoint("jiandu.example/qx", 3, bytes(32)).text()
    note = Note(text).signed_by(SIGNER.sign(text), WITNESS.cosign(text, 1_679_315_147))
    (line,) = opened(note, [WITNESS.key(COSIGNATURE)])
    assert cosigned_at(line.value) == 1_679_315_147
    later = Note(text).signed_by(WITNESS.cosign(text, 1_679_315_147))
    forged = (1_679_315_148).to_bytes(8) + later.signatures[0].value[8:]
    with pytest.raises(NotSigned):
        opened(Note(text).signed_by(type(line)(line.name, line.key_id, forged)), [WITNESS.key(COSIGNATURE)])


def test_a_leaf_reads_back_byte_for_byte_and_holds_no_personal_data():
    assert Leaf.from_bytes(LEAF.to_bytes()) == LEAF
    assert len(LEAF.to_bytes()) == 191


def test_a_leaf_of_a_batch_tells_how_long_its_signature_is():
    told = LEAF_OF_BATCH.to_bytes()
    assert Leaf.from_bytes(told) == LEAF_OF_BATCH
    assert told == b"jdleaf2\n" + LEAF.to_bytes()[8:-64] + (132).to_bytes(2) + LEAF_OF_BATCH.signature


@pytest.mark.parametrize("leaf", [LEAF, LEAF_OF_BATCH], ids=["alone", "of a batch"])
@pytest.mark.parametrize(
    "change",
    [
        lambda b: b[:-1],
        lambda b: b + b"\0",
        lambda b: (b"jdleaf2\n" if b[6] == ord("1") else b"jdleaf1\n") + b[8:],
        lambda b: b"jdleaf3\n" + b[8:],
        lambda b: b[:-32],
        lambda _: b"",
    ],
)
def test_other_bytes_are_no_leaf(leaf, change):
    with pytest.raises(MalformedLeaf):
        Leaf.from_bytes(change(leaf.to_bytes()))


@pytest.mark.parametrize("length", [0, 63, 65, 68, 99, 101, 324 + 32])
def test_a_signature_of_no_known_length_makes_no_leaf(length):
    with pytest.raises(MalformedLeaf):
        Leaf.from_bytes(LEAF._replace(signature=bytes(length)).to_bytes())


def test_the_signatures_of_a_batch_of_three_are_these_for_ever():
    """Golden: whoever stored them must find them valid in thirty years."""
    third = [EVENT._replace(version=version) for version in (7, 8, 9)]
    stored = [one.signature for one in ProcessSigner("qx", SIGNER).sign_together(third)]
    assert [one[64:68].hex() for one in stored] == ["00000003", "00010003", "00020003"]
    assert [len(one) for one in stored] == [132, 132, 100]
    assert (
        sha256(b"".join(stored)).hexdigest()
        == "12cbf651cab3a3cd2a7994583e01b28d9e25d32d1b2a3b5eda934709974d56f9"
    )


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1), "tile/1/001"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
    ],
)
def test_tiles_are_named_as_the_standard_names_them(tile, path):
    assert tile.path == path


def test_a_tree_of_70000_leaves_has_the_tiles_of_the_standards_example():
    tiles = list(tiles_of(70_000))
    assert sum(tile.level == 0 for tile in tiles) == 274
    assert [tile for tile in tiles if tile.width != 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_a_subtree_lies_in_one_tile():
    assert place_of(0, 300) == (0, 1, 44, 1)
    assert place_of(10, 3) == (1, 0, 12, 4)
