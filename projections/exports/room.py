"""Whether a file could not be made because its disk is full or failing: then nobody has asked amiss, and no programme is at fault."""

import errno
import sqlite3
from typing import Final

OUT_OF_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What a full disk answers to who writes."""
NO_ROOM: Final = OUT_OF_ROOM | {errno.EIO, errno.EROFS}
SQLITE_NO_ROOM: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
NO_FOLDER: Final = "No usable temporary directory"
"""`tempfile`, where none of its folders takes a file: it names neither a file nor what the disk said."""


def lacks_room(error: Exception) -> bool:
    match error:
        case OSError(errno=number) if number in NO_ROOM:
            return True
        case FileNotFoundError(filename=None, strerror=str() as said):
            return said.startswith(NO_FOLDER)
        case sqlite3.OperationalError(sqlite_errorcode=code):
            return code & 0xFF in SQLITE_NO_ROOM
        case _:
            return False
