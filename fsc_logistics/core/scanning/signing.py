"""Who signs what is scanned: whoever showed a badge, else the port."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from fsc_logistics.core.statements import Statement
from fsc_logistics.core.tables import Party
from fsc_logistics.domain.parties import SIGNS_NOT
from fsc_logistics.domain.station import Station
from scanner.scan import Scan


def actor_of(session: Session, scan: Scan, station: Station) -> str:
    """Return who has made a scan, by code; the name of the port where nobody knows.

    What was on a badge is asked for each time: a badge is believed when it is shown,
    with the database away too, and may name nobody.
    """
    if station.operator is None:
        return scan.port
    known = _WORKS_HERE.first(session, code=station.operator)
    return scan.port if known is None else station.operator


_WORKS_HERE = Statement(
    lambda: select(Party.id).where(
        Party.code == bindparam("code"),
        Party.kind != SIGNS_NOT[0].value,
        Party.kind != SIGNS_NOT[1].value,
    )
)
