"""Which exchange tables there are, by the name under which they are asked for."""

from typing import Final

from projections.exports.exchange import gbt39046, guangdong, national
from projections.exports.exchange.interaction import CONSULTATIONS
from projections.exports.exchange.supervision import SUPERVISION
from projections.exports.exchange.table import ExchangeTable

TABLES: Final[dict[str, ExchangeTable]] = {
    table.name: table
    for table in (*gbt39046.TABLES, CONSULTATIONS, SUPERVISION, *national.TABLES, *guangdong.TABLES)
}
