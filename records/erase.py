"""What is known about a seeker: all of it given back, or all of it erased, from the bytes of the files too.

Deleted rows leave bytes behind: in pages that SQLite has not used again, and in the log beside the file. Erasing is
therefore two steps: the rows, in one transaction; then the file is written anew and the log emptied. The transaction
leaves a mark until the second step is done, so that a machine that stops in between finishes later.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from passerelle.errors import UnknownRecordError
from records.audit import recommendations_of_seeker
from records.database import Database
from records.decisions import decisions_of_seeker
from records.seekers import seeker_of


@dataclass(frozen=True)
class Erased:
    """What went with a seeker: links to lists that were shown, and the questions of these lists."""

    links: int


def export_seeker(database: Database, seeker_id: str) -> dict[str, Any]:
    """Everything that is recorded about a seeker, as JSON would have it (docs/records.md gives the fields).

    raises: UnknownRecordError, RecordsError
    """
    with database.read() as connection:
        seeker = seeker_of(connection, seeker_id)
        shown = recommendations_of_seeker(connection, seeker_id)
        decisions = decisions_of_seeker(connection, seeker_id)
    return {
        "seeker": seeker.document(),
        "recommendations": [entry.document() for entry in shown],
        "decisions": [decision.document() for decision in decisions],
    }


def erase_seeker(database: Database, seeker_id: str) -> Erased:
    """Erases a seeker, the links to what was shown for her and the questions asked for her, and their traces.

    What was shown, and the decisions on it, stay until their retention ends; nothing leads to them any more.

    raises: UnknownRecordError; RecordsBusyError or RecordsFullError when the rows are gone and the bytes could not be
        written over: ``scrub_if_due`` finishes; RecordsError
    """
    with database.write() as connection:
        links = connection.execute(
            "UPDATE recommendation SET question = NULL WHERE id IN"
            " (SELECT recommendation FROM seeker_recommendation WHERE seeker = ?)",
            (seeker_id,),
        ).rowcount
        found = connection.execute("DELETE FROM seeker WHERE id = ?", (seeker_id,)).rowcount
        if found:
            mark_scrub_due(connection)
    # also for an unknown seeker: it may be the second try of an erasure whose second step failed
    scrub_if_due(database)
    if not found:
        raise UnknownRecordError("seeker")
    return Erased(links)


def mark_scrub_due(connection: sqlite3.Connection) -> None:
    """Notes, in the transaction that deletes, that bytes of what it deletes will have to go."""
    connection.execute("UPDATE upkeep SET deletions = deletions + 1")


def scrub_if_due(database: Database) -> bool:
    """Writes the file anew where something was deleted since the last time; True where it was done.

    raises: RecordsBusyError, RecordsFullError: still due
    """
    with database.read() as connection:
        state = connection.execute("SELECT deletions, scrubbed FROM upkeep").fetchone()
    if state["deletions"] == state["scrubbed"]:
        return False
    database.scrub()
    # a count and not a flag: what another process deletes in the meantime stays due
    with database.write() as connection:
        connection.execute("UPDATE upkeep SET scrubbed = max(scrubbed, ?)", (state["deletions"],))
    return True
