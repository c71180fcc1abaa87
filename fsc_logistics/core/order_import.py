"""Orders from a CSV file: all of them, or none."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import TypeVar

from sqlalchemy.orm import Session

from fsc_logistics.core.orders import (
    Answer,
    Contact,
    Terms,
    Window,
    Wish,
    place_order,
)
from fsc_logistics.domain.custody import Signature
from fsc_logistics.domain.day import OpeningHours
from fsc_logistics.domain.errors import BadInput, FscError
from fsc_logistics.domain.moments import AmbiguousMoment, MissingMoment, to_utc
from fsc_logistics.domain.orders import Service

NEEDED = ("citizen", "service")
COLUMNS = (
    *NEEDED,
    "model",
    "devices",
    "earliest",
    "latest",
    "agreed_from",
    "agreed_to",
    "minutes",
    "skills",
    "priority",
    "requester",
    "contact_name",
    "contact_phone",
    "contact_relation",
    "consent",
)
MISTAKES_MAX = 20
_SAID = {
    **dict.fromkeys(("YES", "JA", "TRUE", "1"), True),
    **dict.fromkeys(("NO", "NEJ", "FALSE", "0"), False),
}
Line = tuple[int, dict[str, str]]
T = TypeVar("T")


def import_orders(
    session: Session,
    file: bytes,
    *,
    hours: OpeningHours,
    by: Signature,
    dry_run: bool = False,
) -> list[Answer]:
    """Place every order of a CSV file; with `dry_run`, only see whether that goes.

    UTF-8, with a header of `COLUMNS` in any order, separated by commas or semicolons;
    devices and skills are separated by spaces.

    Raises:
        BadInput: a line is wrong; nothing was placed then, and every line is named.
    """
    answers: list[Answer] = []
    mistakes: list[str] = []
    whole = session.begin_nested()
    for number, line in read_lines(file):
        try:
            # A savepoint each, so that one refused half-way leaves nothing behind.
            with session.begin_nested():
                wish = read_wish(line, hours.zone)
                answers.append(place_order(session, wish, hours=hours, by=by))
        except FscError as error:
            mistakes.append(f"Line {number}: {error}")
    if mistakes or dry_run:
        whole.rollback()
    if mistakes:
        more = len(mistakes) - MISTAKES_MAX
        rest = f" And {more} more." if more > 0 else ""
        raise BadInput(
            f"Nothing was imported. {' '.join(mistakes[:MISTAKES_MAX])}{rest}"
        )
    return answers


def read_lines(file: bytes) -> Iterator[Line]:
    """Yield the lines of a CSV file by the number of the line they end on.

    Raises:
        BadInput: it is not UTF-8, or its header is not one of orders.
    """
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = file.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"Line {number} is not UTF-8. Save the file as CSV UTF-8 and try again."
        ) from None
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    _check_header(reader.fieldnames or ())
    try:
        for line in reader:
            if None in line or None in line.values():
                raise BadInput(
                    f"Nothing was imported. Line {reader.line_num} has not as many"
                    " fields as the header. Is a text with a comma in quotes?"
                )
            yield reader.line_num, {k: (v or "").strip() for k, v in line.items()}
    except csv.Error as error:
        raise BadInput(
            f"Nothing was imported. Line {reader.line_num} cannot be read: {error}."
        ) from None


def read_wish(line: Mapping[str, str], zone: tzinfo) -> Wish:
    """Return what one line orders.

    Raises:
        BadInput: a field of it cannot be read; the text names the column.
    """
    service = _one_of(line, "service", {s.value: s for s in Service})
    if service is None:
        raise BadInput("service is empty.")
    return Wish(
        citizen=line["citizen"],
        service=service,
        model=line.get("model") or None,
        devices=tuple(line.get("devices", "").split()),
        requester=line.get("requester") or None,
        terms=Terms(
            earliest=_day(line, "earliest"),
            latest=_day(line, "latest"),
            agreed=_window(line, zone),
            minutes=_number(line, "minutes"),
            skills=tuple(line["skills"].split()) if line.get("skills") else None,
            priority=_number(line, "priority"),
            consent=_one_of(line, "consent", _SAID),
            contact=_contact(line),
        ),
    )


def _check_header(names: Iterable[str]) -> None:
    found = list(names)
    unknown = [name for name in found if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in found]
    if missing or unknown or len(set(found)) != len(found):
        wrong = (
            f"lacks {' and '.join(missing)}"
            if missing
            else f"has '{unknown[0]}'"
            if unknown
            else "names a column twice"
        )
        raise BadInput(
            f"The first line {wrong}. It names the columns, of: {', '.join(COLUMNS)}."
        )


def _one_of(
    line: Mapping[str, str],
    column: str,
    values: Mapping[str, T],
) -> T | None:
    text = line.get(column, "")
    if not text:
        return None
    found = values.get(text.upper())
    if found is None:
        raise BadInput(f"{column} '{text}' is none of {', '.join(values)}.")
    return found


def _number(line: Mapping[str, str], column: str) -> int | None:
    text = line.get(column, "")
    if text and not (text.isascii() and text.isdigit()):
        raise BadInput(f"{column} '{text}' is not a whole number.")
    return int(text) if text else None


def _day(line: Mapping[str, str], column: str) -> date | None:
    text = line.get(column, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(f"{column} '{text}' is not a day. Try 2026-11-24.") from None


def _window(line: Mapping[str, str], zone: tzinfo) -> Window | None:
    opens, closes = (
        _moment(line, column, zone) for column in ("agreed_from", "agreed_to")
    )
    if opens is None and closes is None:
        return None
    if opens is None or closes is None:
        raise BadInput("agreed_from and agreed_to go together.")
    return Window(opens=opens, closes=closes)


def _moment(line: Mapping[str, str], column: str, zone: tzinfo) -> datetime | None:
    text = line.get(column, "")
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
        return to_utc(read, zone) if read.tzinfo is None else read.astimezone(UTC)
    except (MissingMoment, AmbiguousMoment) as error:
        raise BadInput(f"{column} {error}") from None
    except ValueError:
        raise BadInput(
            f"{column} '{text}' is not a time. Try 2026-11-24T09:00."
        ) from None


def _contact(line: Mapping[str, str]) -> Contact | None:
    name, phone, relation = (
        line.get(f"contact_{part}") or None for part in ("name", "phone", "relation")
    )
    if name is None and (phone or relation):
        raise BadInput("contact_name is empty though the contact has more.")
    if name is None:
        return None
    return Contact(name=name, phone=phone, relation=relation)
