"""Dispute Q15: somebody who owns the database makes an approval an hour earlier, and covers the tracks as far as can be."""

from types import SimpleNamespace

import pytest
import pytest_asyncio

from domain.case import CASE
from domain.case.decision.commands import Approve
from domain.proof.receipt import ReceiptCode
from tests.attacks.big_log import BigLog
from tests.county import DISCIPLINE_POST, PROOF
from tests.evidenced import a_signer
from tests.examples import a_case_handled
from tests.playing import number_for
from tests.proved import a_proved_county
from tests.servers import fresh_database
from tests.spec import deed

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVENT = 1042
APPLICANT = f"p-{0:032x}"
RECEIPT = {"action": {"type": "receive_case", "item_code": PROOF, "applicant_ref": APPLICANT}}
BATCH = 500
DEEDS = a_case_handled()
APPROVAL = deed(Approve(decision_no="2026-17"), "03-09 16:58")
BEFORE = 40
"""More than the case has events, and less than a batch."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dispute(postgres18, tmp_path_factory):
    """The approval stands at position 1042; the report of the day before and that of the day are held; then it happens."""
    folder = tmp_path_factory.mktemp("keys")
    with fresh_database(postgres18.dsn) as dsn:
        async with (
            a_proved_county(dsn, folder) as county,
            county.doorway.entered() as client,
            county.doorway.entered(DISCIPLINE_POST) as auditor,
        ):
            await fill(client, county, EVENT - BEFORE)
            await county.seal()
            earlier = await checkpoint(client)
            case_no, receipt = await approved(client, county)
            version = len(await county.doorway.keeper.history(CASE, case_no))
            await county.root()
            held = await checkpoint(client)
            path = folder / "case.zip"
            path.write_bytes((await auditor.get(f"/v1/cases/{case_no}/evidence")).content)
            tamper(dsn)
            yield SimpleNamespace(
                county=county, client=auditor, case_no=case_no, receipt=receipt, version=version, earlier=earlier, held=held,
                bundle=path, printed=printed(folder, held, earlier),
            )  # fmt: skip


async def fill(client, county, upto):
    while (missing := upto - await county.store.events.last_position()) > 0:
        actions = [{"key": f"{upto}-{missing}-{n}", **RECEIPT} for n in range(min(BATCH, missing))]
        assert (await client.post("/v1/actions:batch", json={"actions": actions})).status_code == 200


async def approved(client, county):
    """A case approved at 16:58, which is event 1042; and the code on the applicant's receipt."""
    case_no = number_for(DEEDS[0], 101)
    for done in DEEDS:
        await record(county, case_no, done)
    await fill(client, county, EVENT - 1)
    await record(county, case_no, APPROVAL)
    return case_no, str(ReceiptCode.of(await county.store.seal.leaf(EVENT)))


async def record(county, case_no, done):
    keeper = county.doorway.keeper
    await keeper.handle(CASE, case_no, done.command, done.occasion, key=None, digest=bytes(32))


async def checkpoint(client):
    return (await client.get("/v1/log/checkpoint")).content


def printed(folder, held, earlier):
    """The two checkpoints, as files of whoever holds them."""
    (folder / "held").write_bytes(held)
    (folder / "earlier").write_bytes(earlier)
    return folder / "held", folder / "earlier"


def tamper(dsn):
    """The event, its tile, every hash above it, the checkpoints: all are made to fit, with a key of the thief's own."""
    thief = BigLog(dsn, 0, b"", {}, (), ())
    with thief.broken_into() as database:
        database.execute(
            "update events set occurred_at = occurred_at - interval '1 hour' where position = %s", [EVENT]
        )
        thief.reseal(database, a_signer("jiandu.local/county#thief"), since=1)


def verified(dispute, *arguments):
    (dispute.county.folder / "policy").write_text(dispute.county.policy, encoding="utf-8")
    (dispute.county.folder / "keys").write_text(dispute.county.keys, encoding="utf-8")
    own = ("--policy", dispute.county.folder / "policy", "--keys", dispute.county.folder / "keys")
    return dispute.county.jiandu("verify", *own, *arguments)


async def test_event_1042_is_named_first_and_the_checkpoint_that_is_not_reproduced_is_shown(dispute):
    held, earlier = dispute.printed
    code, told = verified(dispute, "--checkpoint", held, "--checkpoint", earlier)
    lines = told.split("\n")
    assert code == 1
    assert lines[0].startswith(
        f"✗ 事件 1042（case:{dispute.case_no} v{dispute.version} case.approved.v1）：没有此处有效的进程签名"
    )
    size, root = dispute.held.decode().split("\n")[1:3]
    shown = [line for line in lines if line.startswith("✗ 数据库已无法重现检查点")]
    assert any(line.split(": ")[1].startswith(f"{size} ") and str(held) in line for line in shown)
    assert root


async def test_everything_up_to_the_last_good_checkpoint_stands(dispute):
    held, earlier = dispute.printed
    size = dispute.earlier.decode().split("\n")[1]
    _, told = verified(dispute, "--checkpoint", held, "--checkpoint", earlier)
    assert f"✓ 至此为止的一切成立 · everything up to here stands: {size} " in told


async def test_who_holds_nothing_hears_of_it_from_the_sealing_worker_s_memory(dispute):
    code, told = dispute.county.jiandu("verify")
    assert (code, "✗ 事件 1042" in told, "封印程序的外部记忆" in told) == (1, True, True)


async def test_the_applicant_s_receipt_says_which_version_is_the_real_one(dispute):
    told = (await dispute.client.get(f"/v1/receipts/{dispute.receipt}")).json()
    assert (told["verdict"], told["position"]) == ("contradicted", EVENT)


async def test_no_replay_runs_silently_over_the_broken_log(dispute):
    answer = await dispute.client.get(f"/v1/cases/{dispute.case_no}/replay")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:jiandu:problem:record-broken")
    assert answer.json()["details"]["position"] == EVENT


async def test_the_bundle_taken_before_still_proves_what_was_decided_and_when(dispute):
    code, told = verified(dispute, "--compare", dispute.bundle, dispute.printed[0])
    assert (code, told.split("\n")[-2]) == (0, "✓ 两者属同一日志 · they are of one log")


async def test_a_bundle_taken_after_it_is_not_proved(dispute):
    answer = await dispute.client.get(f"/v1/cases/{dispute.case_no}/evidence")
    assert answer.status_code == 409, "the case heads do not fit the changed event"
