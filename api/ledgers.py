"""代办台账 and 证照登记: what agents did for villagers, and how certificates came to whom."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import Field, TypeAdapter
from starlette.responses import Response

from api.door import Entrance, door_of
from api.exporting import answer_or_table, answers_or_table
from api.identity import IDENTIFIED
from api.paging import NEXT_AFTER, InPeriod, Paging, PeriodQuery, Position, Word, answer_page
from api.reading import Answer, reading
from domain.grammar import Code, DocumentNo
from projections import agency, certificates
from projections.agency import AGENCY, AgentLedger, Errand, Errands, PointFigures
from projections.certificates import CERTIFICATES, Certificate, CertificatesRegister
from projections.exports.tables import Table
from projections.places import PLACES
from projections.policies import POLICIES
from projections.reading import Reading
from projections.working_days import WORKING_DAYS

router = APIRouter(tags=["views"], route_class=Entrance)
ERRANDS: Final = Paging(TypeAdapter(tuple[date, Word, Position]), agency.FIRST)
REGISTERED: Final = Paging(TypeAdapter(tuple[date, Word, Word, Position]), certificates.FIRST)
ERRAND_TABLE: Final = Table.of("agent-ledger", "代办台账", Errand)
POINT_TABLE: Final = Table.of("agent-points", "各代办点代办情况", PointFigures)
CERTIFICATE_TABLE: Final = Table.of("certificates", "证照登记", Certificate)


class OfAgents(InPeriod):
    """Days are those of the entrustment."""

    point: Code | None = Field(None, description="代办点 / the village point")
    agent: Code | None = Field(None, description="代办员（人员编号） / the agent, by staff number")
    is_late: bool = Field(False, description="只看超期的 / only what is late")

    def wanted(self) -> Errands:
        return Errands(
            stream=self.stream,
            point=self.point,
            agent=self.agent,
            first_day=self.first_day,
            last_day=self.last_day,
            is_late=self.is_late,
        )


class AgentsQuery(OfAgents, PeriodQuery):
    """A page of errands."""


class AgentErrands(Answer):
    """What agents picked up, handed in and returned. 代办台账。"""

    errands: list[Errand]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/ledgers/agents",
    summary="代办台账 / the agent ledger",
    responses=answers_or_table(AgentErrands, "agent_errands"),
    dependencies=IDENTIFIED,
)
async def read_agent_ledger(request: Request, query: Annotated[AgentsQuery, Query()]) -> Response:
    """逐笔列出代办：接件、移交、签收、代领、回交之日，代办用时与超期；登记迟延另列，不计代办员超期。

    Errand by errand: picked up, handed in, signed for, collected, returned; the days it took and how far that lies
    over the policy's. How late a pick-up was recorded stands apart. Villagers are person references, never names.
    """

    async def page(found: Reading, place: tuple[date, str, int], limit: int) -> Sequence[Errand]:
        ledger = AgentLedger(found.connection)
        return await ledger.errands(query.wanted(), found.day, after=place, limit=limit)

    needs = (AGENCY, POLICIES, WORKING_DAYS)
    return await answer_page(door_of(request), query, needs, ERRANDS, page, ERRAND_TABLE, of="errands")


class AgentPoints(Answer):
    """代办 by village point. 各代办点代办情况。"""

    points: list[PointFigures]


@router.get(
    "/v1/ledgers/agents/points",
    summary="各代办点代办情况 / errands by village point",
    responses=answers_or_table(AgentPoints, "agent_points"),
    dependencies=IDENTIFIED,
)
async def read_agent_points(request: Request, query: Annotated[OfAgents, Query()]) -> Response:
    """各代办点的代办件数、已移交数、超期数与移交用时合计；平均用时为 days_of_handed_in ÷ handed_in。

    Of each point the cases, errands, those handed in and those late; the average leg is days_of_handed_in over
    handed_in. The filters are those of the ledger.
    """
    needs = (AGENCY, POLICIES, PLACES, WORKING_DAYS)
    async with reading(door_of(request), query, needs) as found:
        points = await AgentLedger(found.connection).by_point(query.wanted(), found.day)
    return answer_or_table(found, query, {"points": points}, POINT_TABLE)


class CertificatesQuery(PeriodQuery):
    """Days are those of issue."""

    certificate_no: DocumentNo | None = Field(None, description="证照编号 / number of the certificate")
    issuer: Code | None = Field(None, description="发证单位 / the unit that issued it")
    is_late: bool = Field(False, description="只看送达超期的 / only what is, or was, delivered late")
    is_uncollected: bool = Field(False, description="只看到窗未领的 / only what lies at the hall")

    def wanted(self) -> certificates.Wanted:
        return certificates.Wanted(
            stream=self.stream,
            certificate_no=self.certificate_no,
            issuer=self.issuer,
            first_day=self.first_day,
            last_day=self.last_day,
            is_late=self.is_late,
            is_uncollected=self.is_uncollected,
        )


class Certificates(Answer):
    """What was issued, and how it came to whom. 证照登记。"""

    certificates: list[Certificate]
    next_after: str | None = Field(description=NEXT_AFTER)


@router.get(
    "/v1/certificates",
    summary="证照登记 / the certificates register",
    responses=answers_or_table(Certificates, "certificates"),
    dependencies=IDENTIFIED,
)
async def read_certificates(request: Request, query: Annotated[CertificatesQuery, Query()]) -> Response:
    """证照何时制发、到窗、以何种方式交何人（引用号），自决定之日起用时与送达超期，以及到窗未领的。

    When each certificate was issued, arrived and was delivered, how and to whom (a person reference); the days since
    the decision, how far they lie over the policy's, and what lies at the hall uncollected.
    """

    async def page(found: Reading, place: tuple[date, str, str, int], limit: int) -> Sequence[Certificate]:
        register = CertificatesRegister(found.connection)
        return await register.certificates(query.wanted(), found.day, after=place, limit=limit)

    needs = (CERTIFICATES, POLICIES, WORKING_DAYS)
    table = CERTIFICATE_TABLE
    return await answer_page(door_of(request), query, needs, REGISTERED, page, table, of="certificates")
