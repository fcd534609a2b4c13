"""Exchange rows: what the tables of the standards say of a case."""

from datetime import date

import pytest

from domain.case.steps.commands import StartStep
from projections.exports.exchange.catalogue import TABLES
from projections.exports.exchange.handling import Case
from projections.exports.exchange.interaction import CONSULTATIONS, Consultation, ContactRow
from projections.exports.exchange.registers import registers
from tests import county
from tests.examples import (
    VILLAGER,
    a_case_handled,
    a_case_with_a_fee,
    a_concluded_case,
    a_delivered_case,
    a_received_case,
    a_rejected_case,
    a_supplied_case,
)
from tests.exported import STATION, a_surveyed_case, accepted, dossiers_of
from tests.spec import at, deed
from tests.views import CASE_NO, defined_county, in_views, record


@pytest.fixture(scope="module")
def county_of_views(postgres18):
    with defined_county(postgres18.dsn) as conninfo:
        yield conninfo


@pytest.fixture
async def views(county_of_views):
    async with in_views(county_of_views) as connection:
        yield connection


@pytest.fixture
def rows(views):
    async def _rows(name, *deeds, day=date(2026, 3, 20)):
        await record(views, *deeds)
        known = await registers(views)
        (dossier,) = await dossiers_of(views, day=day)
        return list(TABLES[name].told(dossier.case_no, Case(dossier, known)).values())

    return _rows


def said(row, *names):
    return tuple(row[name] for name in names)


async def test_an_application_names_the_applicant_by_reference_alone(rows):
    (row,) = await rows("gbt39046-5", *a_received_case(county.PERMIT))
    assert said(row, "办件编号", "实施编码", "申请者名称") == (CASE_NO, county.PERMIT, VILLAGER)
    assert said(row, "办件类型", "办件类型代码", "申报来源代码") == ("承诺件", "2", "1")
    assert row["申请时间"] == "2026-03-03T09:00:00+08:00"
    assert said(row, "申请者证件号码", "代理人手机", "地址") == (None, None, None)


async def test_papers_are_named_as_the_notice_named_them(rows):
    first, supplied = await rows("gbt39046-5-material", *a_supplied_case())
    assert said(first, "收取方式", "收取数量", "收取时间") == ("原件", 1, "2026-03-03T09:00:00+08:00")
    assert said(supplied, "材料名称", "收取时间") == ("材料M2", "2026-03-06T09:00:00+08:00")


async def test_acceptance_tells_the_promised_day_as_it_stands_now(rows):
    (row,) = await rows("gbt39046-6", *a_surveyed_case())
    assert said(row, "受理人员", "受理时间") == ("a-town-clerk", "2026-03-03T09:30:00+08:00")
    # 24 March as it was told at acceptance, three days later for the survey
    assert row["承诺办结时间"] == "2026-03-27"


async def test_a_step_without_an_end_ends_on_paper_when_it_began(rows):
    (row,) = await rows(
        "gbt39046-7-step",
        *accepted(county.PERMIT, "03-03"),
        deed(StartStep(step_code="CB", step_title="承办"), "03-04 09:00", by=STATION),
    )
    began = "2026-03-04T09:00:00+08:00"
    assert said(row, "环节名称", "环节开始时间", "环节结束时间", "环节办理状态") == (
        "承办",
        began,
        began,
        "1",
    )
    assert row["业务动作"] is None


async def test_steps_and_decision_are_links_of_one_chain(rows):
    told = await rows("up_pro_process", *a_rejected_case())
    assert [said(row, "process_name", "event_name") for row in told][-1] == ("不予许可", "其他")
    assert [row["event_name"] for row in told[:-1]] == ["通过"] * (len(told) - 1)


async def test_a_step_whose_beginning_nobody_told_has_none(rows):
    first, _ = await rows("up_pro_process", *a_case_handled())
    assert said(first, "event_start_time", "event_end_time") == (None, "2026-03-05 09:00:00")


async def test_a_special_procedure_has_its_kind_and_both_ends(rows):
    (row,) = await rows("gbt39046-7-special", *a_surveyed_case())
    assert said(row, "特别程序种类名称", "特别程序种类代码") == ("现场勘察", "2")
    assert said(row, "开始时间", "结束时间", "结果") == (
        "2026-03-05T14:00:00+08:00",
        "2026-03-10T16:00:00+08:00",
        "四至清楚",
    )


async def test_a_special_procedure_that_lasts_has_no_end(rows):
    (row,) = await rows("up_pro_special_procedure", *a_surveyed_case()[:3])
    assert said(row, "special_time", "end_time", "result") == ("2026-03-05 14:00:00", None, None)


async def test_guangdong_is_told_who_approved_the_pause_and_for_how_long(rows):
    (row,) = await rows("gd-5", *a_surveyed_case())
    assert said(row, "TBCXZL", "TBCXPZR", "TBCXSX", "TBCXSXDW") == ("B", "a-approver", 5, "G")


async def test_a_result_names_its_certificate(rows):
    (row,) = await rows("gbt39046-8", *a_concluded_case())
    assert said(row, "结果证照编号", "结果描述", "是否快递", "是否收费") == ("ZJD-1", "准予", "否", "否")


async def test_a_certificate_is_told_to_the_platform_with_holder_issuer_and_day(rows):
    (row,) = await rows("up_lic_data", *a_concluded_case())
    assert said(row, "certificate_number", "certificate_holder") == ("ZJD-1", VILLAGER)
    assert said(row, "certificate_issue_dept", "certificate_issue_date") == (
        county.LAND_STATION,
        "2026-03-10",
    )


async def test_what_is_not_ended_has_no_result(rows):
    assert await rows("up_pro_result", *a_delivered_case()) == []


async def test_a_fee_is_told_in_yuan(rows):
    (row,) = await rows("gbt39046-14", *a_case_with_a_fee())
    assert said(row, "缴款单号", "缴款人", "金额") == ("JK-1", VILLAGER, "8.00")


async def test_a_notice_and_what_was_supplied_are_messages_of_their_own(rows):
    (notice,) = await rows("gd-7", *a_supplied_case())
    assert said(notice, "BZCLQD", "BZGZYY", "BZGZSJ") == ("材料M2", "办事指南", "2026-03-03 10:00:00")


async def test_a_collection_says_who_by_reference_and_how(rows):
    (row,) = await rows("gd-9", *a_delivered_case())
    assert said(row, "LQRXM", "LQFS", "LQRSFZJHM") == (VILLAGER, "窗口", None)


NEVER = {
    "gbt39046-5": {
        "申请者证件类型", "申请者证件号码", "代理人证件类型", "代理人证件号码", "代理人手机", "邮编", "地址",
        "法定代表人",
    },
    "gbt39046-5-material": {"附件"},
    "gbt39046-6": {"基本编码"},
    "gbt39046-7-special": {"办理意见"},
    "gbt39046-10-consultation": {"咨询标题", "延期时限", "延期原因", "超期天数"},
    "gbt39046-15": {"接收单位", "接收日期", "评估指标", "评估项目", "评估时间", "评估等级", "评估结果"},
    "up_pro_accept": {
        "catalog_code", "local_catalog_code", "task_handle_item", "project_name", "applyer_page_type",
        "applyer_page_code", "contact_type", "contact_code", "contact_mobile", "legal", "address", "zip_code",
    },
    "up_pro_process": {"remark"},
    "up_pro_special_procedure": {"special_explain"},
    "up_pro_result": {"satisfaction"},
    "up_pro_material": {"material_attach_name"},
    "up_lic_data": {"certificate_type", "certificate_holder_code"},
    "gd-2": {"CXMM", "GDSF", "PDH"},
    "gd-9": {"LQRZJLX", "LQRSFZJHM"},
}  # fmt: skip
"""What the log does not know, by table; docs/exporting.md says why."""


@pytest.mark.parametrize("name", [name for name in NEVER if name != CONSULTATIONS.name])
async def test_what_the_log_does_not_know_is_empty(rows, name):
    for row in await rows(name, *a_concluded_case()):
        assert {column for column in NEVER[name] if row[column] is not None} == set()


async def test_what_the_log_does_not_know_of_a_consultation_is_empty(views):
    asked, answered = at("03-03 09:00"), at("03-04 10:00")
    contact = ContactRow(
        "SW-1", VILLAGER, "问农村建房", asked, answered, "a-clerk", "先申请", county.TOWN_CENTRE
    )
    (row,) = CONSULTATIONS.told("SW-1", Consultation(contact, await registers(views))).values()
    assert {column for column in NEVER[CONSULTATIONS.name] if row[column] is not None} == set()


def test_what_the_log_does_not_know_are_columns_of_the_tables():
    for name, columns in NEVER.items():
        assert columns <= set(TABLES[name].columns)
