"""From dossiers to a file, some hundred cases at a time; the file is written beside the loop, not in it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from projections.exports.dossiers import Dossier
from projections.exports.ocel.database import Database
from projections.exports.ocel.telling import Teller


async def build(path: Path, dossiers: AsyncGenerator[list[Dossier], None], teller: Teller) -> None:
    """Makes the SQLite form at `path`, where nothing stands yet. What `dossiers` raises goes through."""
    with Database(path, teller) as database:
        async with aclosing(dossiers):
            async for some in dossiers:
                await asyncio.to_thread(database.write, some)
