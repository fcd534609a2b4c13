"""Checkpoints, tiles, proofs and receipts, as somebody reads them who has nothing but HTTP and the standards."""

from base64 import b64decode
from contextlib import asynccontextmanager

import psycopg
import pytest

from domain.aggregates import AGGREGATES
from domain.proof.checkpoint import Checkpoint
from domain.proof.leaf import Leaf
from domain.proof.note import Key, Note, opened
from domain.proof.receipt import CodeMistyped, ReceiptCode
from domain.proof.tree import CompactRange, leaf_hash
from domain.proof.verification import is_consistent, is_included
from domain.store.connecting import Access
from domain.store.county import Store
from domain.store.key_files import KeyFiles
from domain.store.schema import County
from domain.store.sealing import SealDesk, connect
from ops.seal_memory import SealMemory
from ops.sealing import Sealing
from ops.settings import Settings
from ops.signing import take_up_keys
from tests.county import AUDITOR_POST, HOMESTEAD, TOWN_CLERK_POST, a_county
from tests.doors import Doorway
from tests.sealed import a_leaf, a_process, with_state
from tests.servers import fresh_database
from tests.serving import SCHEMA
from tests.templates import make_county

RECEIPT = {"action": {"type": "receive_case", "item_code": HOMESTEAD, "applicant_ref": f"p-{0:032x}"}}
CASES = 300


class Sealed:
    """A served county with keys, and its seal."""

    def __init__(self, dsn, folder, store):
        self.dsn, self.folder, self.store = dsn, folder, store
        self.doorway = self.door()

    def door(self, **parts):
        store = self.store
        return Doorway(
            log=store.log,
            catalogue=a_county(),
            reader=store.events,
            serials=store.serials,
            seal=store.seal,
            **parts,
        )

    async def seal(self):
        async with await connect(Access(self.dsn, County.named(SCHEMA))) as connection:
            await connection.set_autocommit(True)
            sealing = Sealing(SealDesk(connection), KeyFiles(self.folder), SealMemory(self.folder / "sealed"))
            return await sealing.round()

    @asynccontextmanager
    async def entered(self, post=TOWN_CLERK_POST):
        async with self.doorway.entered(post) as client:
            yield client


@pytest.fixture
async def county(postgres18, tmp_path):
    with fresh_database(postgres18.dsn) as dsn:
        make_county(dsn, SCHEMA)
        async with Store.open(dsn, SCHEMA, AGGREGATES) as store:
            await take_up_keys(store, Settings(county=SCHEMA, keys_dir=tmp_path))
            yield Sealed(dsn, tmp_path, store)


async def opened_case(client, **headers):
    answer = await client.post("/v1/cases", json=RECEIPT, headers=headers)
    assert answer.status_code in (200, 201), answer.text
    return answer


def told(text):
    return b64decode(text, validate=True)


def log_keys(folder):
    return [file.key for file in KeyFiles(folder).all() if file.use == "log"]


async def test_a_stranger_rebuilds_the_tree_from_entries_and_meets_the_checkpoint(county):
    async with county.entered() as client:
        batch = [{"key": f"k{n}", **RECEIPT} for n in range(CASES)]
        assert (await client.post("/v1/actions:batch", json={"actions": batch})).status_code == 200
        size = (await county.seal()).size
        assert size == CASES + 2

    async with county.entered(AUDITOR_POST) as client:
        note = Note.from_bytes((await client.get("/v1/log/checkpoint")).content)
        assert opened(note, log_keys(county.folder))
        seen = Checkpoint.from_text(note.text)
        bundles = [
            (await client.get(f"/v1/log/tile/entries/{path}")).content
            for path in ("000", f"001.p/{size - 256}")
        ]
        leaves = [leaf for bundle in bundles for leaf in entries_in(bundle)]
        tree = CompactRange()
        for leaf in leaves:
            list(tree.append(leaf_hash(leaf)))
        assert (tree.size, tree.root()) == (seen.size, seen.root)
        assert [Leaf.from_bytes(leaf).position for leaf in leaves] == list(range(1, size + 1))

        tile = (await client.get("/v1/log/tile/0/000")).content
        assert tile == b"".join(leaf_hash(leaf) for leaf in leaves[:256])
        assert (await client.get("/v1/log/tile/0/000.p/5")).content == tile[: 5 * 32]
        assert len((await client.get("/v1/log/tile/1/000.p/1")).content) == 32


def entries_in(bundle):
    at = 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2])
        yield bundle[at + 2 : at + 2 + length]
        at += 2 + length


async def test_the_proofs_hold_between_any_two_checkpoints(county):
    async with county.entered() as client:
        sizes = []
        for _ in range(3):
            await opened_case(client)
            sizes.append((await county.seal()).size)
        for position in range(1, sizes[-1] + 1):
            query = {"position": position}
            proof = (await client.get("/v1/log/proof/inclusion", params=query)).json()
            hashes = [told(each) for each in proof["hashes"]]
            assert proof["size"] == sizes[-1]
            assert is_included(told(proof["leaf_hash"]), position - 1, sizes[-1], hashes, told(proof["root"]))
        between = (await client.get("/v1/log/proof/consistency", params={"from": sizes[0]})).json()
        assert is_consistent(
            sizes[0],
            told(between["from_root"]),
            sizes[-1],
            told(between["to_root"]),
            [told(each) for each in between["hashes"]],
        )


async def test_a_proof_is_handed_out_in_the_form_that_other_tools_read(county):
    async with county.entered() as client:
        await opened_case(client)
        await county.seal()
        proof = (await client.get("/v1/log/proof/inclusion", params={"position": 3})).json()
        note = (await client.get("/v1/log/checkpoint")).text
    lines = "".join(f"{each}\n" for each in proof["hashes"])
    assert proof["tlog_proof"] == f"c2sp.org/tlog-proof@v1\nindex 2\n{lines}\n{note}"


async def test_the_keys_are_told_with_their_terms(county):
    async with county.entered() as client:
        said = (await client.get("/v1/log/keys")).json()
    assert said["origin"] == "jiandu.local/county"
    assert [(key["use"], key["first"], key["last"]) for key in said["keys"]] == [
        ("process", 1, None),
        ("log", 2, None),
    ]
    assert all(Key.from_vkey(key["key"]).key_id.hex() == key["id"] for key in said["keys"])


async def test_the_seals_standing_says_what_waits(county):
    async with county.entered() as client:
        await opened_case(client)
        before = (await client.get("/v1/log/seal")).json()
        await county.seal()
        after = (await client.get("/v1/log/seal")).json()
    assert (before["last_position"], before["size"]) == (3, 0)
    assert before["lag_seconds"] > 0
    assert after == {"last_position": 3, "size": 3, "lag_seconds": 0, "trouble": None, "quarantined": []}


# ── receipts ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_recorded_action_is_answered_with_its_signed_leaf(county):
    async with county.entered() as client:
        answer = (await opened_case(client)).json()
        (leaf,) = await county.store.seal.leaves("jiandu.local/county", 3, 3)
    (event,) = answer["events"]
    assert answer["sealed"] == {"origin": "jiandu.local/county", "within_seconds": 60}
    assert told(event["leaf"]["signature"]) == leaf.signature
    assert event["leaf"]["state_hash"] == leaf.event.state_hash.hex()
    assert event["leaf"]["receipt"] == str(ReceiptCode.of(leaf))
    assert event["leaf"]["key"] == county.store.pen.signer.key.key_id.hex()


async def test_a_repeat_gives_the_same_receipt(county):
    async with county.entered() as client:
        first = await opened_case(client, **{"Idempotency-Key": "k"})
        again = await opened_case(client, **{"Idempotency-Key": "k"})
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()


async def code_of(client):
    return (await opened_case(client)).json()["events"][0]["leaf"]["receipt"]


async def test_a_code_says_later_that_the_event_still_stands(county):
    async with county.entered() as client:
        code = await code_of(client)
        waiting = (await client.get(f"/v1/receipts/{code}")).json()
        await county.seal()
        sealed = (await client.get(f"/v1/receipts/{code.lower()}")).json()
    assert (waiting["verdict"], sealed["verdict"]) == ("waiting", "sealed")
    assert (sealed["label"], sealed["position"], sealed["size"]) == ("收件登记", 3, 3)
    assert "case_no" not in sealed


@pytest.mark.parametrize(
    ("amendment", "since", "said"),
    [
        ({"type": "void_event"}, "voided", "It was voided since"),
        (
            {"type": "correct_event", "field": "receipt_no", "was": None, "should_be": "SJ-2"},
            "corrected",
            "作了更正",
        ),
    ],
)
async def test_a_code_and_its_slip_say_that_the_event_was_amended_since(county, amendment, since, said):
    async with county.entered() as client:
        answer = (await opened_case(client)).json()
        code, case_no = answer["events"][0]["leaf"]["receipt"], answer["case_no"]
        assert "amended" not in (await client.get(f"/v1/receipts/{code}")).json()
        about = {"target_version": 1, "reason": "录错", "approved_by": "a-director"}
        body = {"action": amendment | about}
        done = await client.post(f"/v1/cases/{case_no}/actions", json=body, headers={"If-Match": "*"})
        assert done.status_code == 201, done.text
        checked = (await client.get(f"/v1/receipts/{code}")).json()
        own = done.json()["events"][0]["leaf"]["receipt"]
        assert "amended" not in (await client.get(f"/v1/receipts/{own}")).json()
        page = (await client.get(f"/v1/receipts/{code}/slip")).text
    assert (checked["verdict"], checked["amended"], said in page) == ("waiting", since, True)


async def test_a_code_needs_no_identity(county):
    async with county.entered() as client:
        code = await code_of(client)
        client.headers.clear()
        assert (await client.get(f"/v1/receipts/{code}")).status_code == 200
        assert (await client.get("/v1/log/tile/entries/000.p/1")).status_code == 401


@pytest.mark.parametrize(
    "crime",
    [
        "delete from county.events where position = 3",
        "update county.events set topic = 'case.archived.v1' where position = 3",
        "update county.events set recorded_at = recorded_at - interval '1 second' where position = 3",
    ],
)
@pytest.mark.parametrize("is_sealed", [False, True])
async def test_a_code_contradicts_whoever_changed_the_event(county, crime, is_sealed):
    async with county.entered() as client:
        code = await code_of(client)
        if is_sealed:
            await county.seal()
        with psycopg.connect(county.dsn, autocommit=True) as connection:
            connection.execute("alter table county.events disable trigger all")
            connection.execute(crime)
        checked = (await client.get(f"/v1/receipts/{code}")).json()
    assert checked["verdict"] == "contradicted"
    assert "topic" not in checked


async def test_the_slip_can_be_printed_in_both_languages(county):
    async with county.entered() as client:
        code = await code_of(client)
        page = await client.get(f"/v1/receipts/{code}/slip")
    assert page.headers["content-type"].startswith("text/html")
    assert code in page.text
    assert "收件登记 Case received" in page.text
    assert "登记回执" in page.text
    assert "Receipt" in page.text


@pytest.mark.parametrize("public_url", ["https://hall.example.gov.cn", "https://hall.example.gov.cn/"])
async def test_a_slip_says_where_people_can_check_it_themselves(county, public_url):
    """The page that a browser shows, at an address that can be typed in from paper."""
    async with county.door(public_url=public_url).entered() as client:
        code = await code_of(client)
        page = await client.get(f"/v1/receipts/{code}/slip")
    assert page.text.count(f"https://hall.example.gov.cn/v1/receipts/{code}/slip") == 2


def test_a_code_that_was_read_wrongly_is_no_code():
    code = str(ReceiptCode.of(a_leaf(16209, a_process(1))))
    assert ReceiptCode.parse(code.replace("0", "o").replace("1", "l")) == ReceiptCode.parse(code)
    for at, sign in enumerate(code[:-2]):
        for other in "2345":
            wrong = code[:at] + other + code[at + 1 :]
            if sign not in ("-", other):
                with pytest.raises(CodeMistyped):
                    ReceiptCode.parse(wrong)


def test_a_code_means_one_leaf():
    leaf = a_leaf(7, a_process(1))
    code = ReceiptCode.parse(str(ReceiptCode.of(leaf)))
    assert code.means(leaf)
    assert not code.means(with_state(leaf, b"[]"))
    assert not code.means(a_leaf(8, a_process(1)))


# ── what cannot be answered ─────────────────────────────────────────────────────────────────────────────────


async def problem(client, path, **query):
    answer = await client.get(path, params=query or None)
    return answer.status_code, answer.json()["type"].removeprefix("urn:jiandu:problem:")


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "checkpoint/cosigned",
        "tile/0/000",
        "tile/entries/000",
        "proof/inclusion?position=1",
        "proof/consistency?from=1",
        "keys",
        "seal",
    ],
)
async def test_where_nothing_is_sealed_there_is_nothing_to_prove(path):
    async with Doorway().entered(AUDITOR_POST) as client:
        assert await problem(client, f"/v1/log/{path}") == (404, "not-sealed")


async def test_what_is_not_sealed_yet_has_no_proof(county):
    async with county.entered() as client:
        assert await problem(client, "/v1/log/checkpoint") == (404, "not-sealed")
        await county.seal()
        inclusion, consistency = "/v1/log/proof/inclusion", "/v1/log/proof/consistency"
        assert await problem(client, inclusion, position=3) == (404, "position-not-sealed")
        assert await problem(client, inclusion, position=1, size=7) == (404, "checkpoint-unknown")
        assert await problem(client, "/v1/log/checkpoint", size=1) == (404, "checkpoint-unknown")
        assert await problem(client, "/v1/log/checkpoint/cosigned") == (404, "checkpoint-unknown")
        assert await problem(client, consistency, **{"from": 3}) == (422, "sizes-do-not-fit")
        assert await problem(client, consistency, **{"from": 1, "to": 9}) == (422, "sizes-do-not-fit")
        assert await problem(client, consistency, **{"from": 0}) == (422, "parameter-invalid")


@pytest.mark.parametrize(
    "path",
    [
        "0/001",
        "0/000",
        "0/000.p/3",
        "0/000.p/0",
        "0/000.p/256",
        "64/000",
        "00/000",
        "0/0",
        "0/x000/000",
        "0/000/",
        "../../keys",
        "entries/000",
        "entries/001.p/1",
        "entries/000.p/3",
        "entries/x999/x999/x999/x999/999",
        "0/x999/x999/x999/x999/999",
    ],
)
async def test_a_tile_that_is_not_there_is_unknown(county, path):
    await county.seal()
    async with county.entered(AUDITOR_POST) as client:
        assert (await problem(client, f"/v1/log/tile/{path}"))[0] == 404


@pytest.mark.parametrize(
    "code", ["1", "x", "1-AAAA-AAAA-AAAA-AAAA-0", "0-0000-0000-0000-0000-0", "９-0000-0000-0000-0000-0"]
)
async def test_what_is_no_code_is_said_to_be_none(county, code):
    async with county.entered() as client:
        assert await problem(client, f"/v1/receipts/{code}") == (404, "receipt-mistyped")
        assert await problem(client, f"/v1/receipts/{code}/slip") == (404, "receipt-mistyped")
