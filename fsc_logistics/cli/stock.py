"""Stock: receive, move and count consumables; see what there is and what expires."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.output import (
    Form,
    as_json,
    echo,
    echo_json,
    json_option,
    output_option,
)
from fsc_logistics.cli.params import KNOWN_AT, CalendarDay, Time
from fsc_logistics.domain.limits import QUANTITY_MAX
from fsc_logistics.domain.uids import new_uid

if TYPE_CHECKING:
    from fsc_logistics.core.stock.moved import StockMoved
    from fsc_logistics.domain.custody import Signature
    from fsc_logistics.domain.quantities import Occasion

DAYS_MAX = 3660
QUANTITY = click.IntRange(1, QUANTITY_MAX)
_MOVED = ("article", "lot", "expires", "origin", "target", "quantity", "unit")


class LotCount(click.ParamType[tuple[str, int]]):
    """A lot and how many of it there are: ARTICLE/LOT=N."""

    name = "lot=n"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return the lot as it was typed, and the number."""
        if isinstance(value, tuple):
            return value
        lot, _, number = str(value).rpartition("=")
        if not lot or not (number.isascii() and number.isdigit()):
            self.fail("That is not a count. Try CUFF-M/L1=12.", param, ctx)
        return lot, int(number)


def _event_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--at", type=Time(), help="When it was.  [default: now]"),
            click.option("--document", help="The order or note this belongs to."),
            click.option(
                "--dry-run", is_flag=True, help="Check and show; record nothing."
            ),
        )
    ):
        command = option(command)
    return json_option(command)


@click.group()
def stock() -> None:
    """Consumables by lot and place: what there is, came, went, expires.

    An article is named by its code, a lot by ARTICLE/LOT; a GS1 code that is scanned
    or typed, as (01)09501101531000(17)270131(10)L1, names both.
    """


@stock.command()
@click.argument("article")
@click.argument("quantity", type=QUANTITY)
@click.option("--lot", help="The maker's number of the batch.")
@click.option("--expires", type=CalendarDay(), help="Its last day of use.")
@click.option("--from", "origin", required=True, help="The supplier it came from.")
@click.option("--to", "target", required=True, help="Where it is now.")
@click.option("--expired", is_flag=True, help="Receive what has expired, too.")
@_event_options
@pass_desk
def receive(
    desk: Desk,
    article: str,
    quantity: int,
    lot: str | None,
    expires: date | None,
    origin: str,
    target: str,
    expired: bool,
    at: datetime | None,
    document: str | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Record that QUANTITY of ARTICLE came from outside; a new lot is registered."""
    from fsc_logistics.core.stock.moves import record_receipt

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = record_receipt(
            session,
            article,
            quantity,
            lot=lot,
            expires=expires,
            origin=origin,
            target=target,
            expired=expired,
            occasion=_occasion(desk, by, at, document),
            by=by,
        )
        if dry_run:
            session.rollback()
    _echo_moved(done, dry_run, form)


@stock.command()
@click.argument("article")
@click.argument("quantity", type=QUANTITY)
@click.option("--lot", help="This one, not the one that expires first.")
@click.option("--from", "origin", required=True, help="Where it was.")
@click.option("--to", "target", required=True, help="Where it is now.")
@click.option("--expired", is_flag=True, help="Hand out what has expired, too.")
@_event_options
@pass_desk
def move(
    desk: Desk,
    article: str,
    quantity: int,
    lot: str | None,
    origin: str,
    target: str,
    expired: bool,
    at: datetime | None,
    document: str | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Record that QUANTITY of ARTICLE went from one place to another.

    Without a lot what expires first is taken first, and told.
    """
    from fsc_logistics.core.stock.moves import record_stock_move

    by = desk.sign()
    with desk.sessions.begin() as session:
        done = record_stock_move(
            session,
            article,
            quantity,
            lot=lot,
            origin=origin,
            target=target,
            expired=expired,
            occasion=_occasion(desk, by, at, document),
            by=by,
        )
        if dry_run:
            session.rollback()
    _echo_moved(done, dry_run, form)


@stock.command()
@click.argument("place")
@click.argument(
    "counts", nargs=-1, required=True, type=LotCount(), metavar="ARTICLE/LOT=N..."
)
@_event_options
@pass_desk
def count(
    desk: Desk,
    place: str,
    counts: tuple[tuple[str, int], ...],
    at: datetime | None,
    document: str | None,
    dry_run: bool,
    form: Form,
) -> None:
    """Record how many of each lot there are at PLACE, and show the differences.

    What is told late of the time before it changes nothing after it.
    """
    from fsc_logistics.core.stock.counts import record_count

    by = desk.sign()
    with desk.sessions.begin() as session:
        occasion = _occasion(desk, by, at, document)
        done = record_count(session, place, counts, occasion=occasion, by=by)
        if dry_run:
            session.rollback()
    columns = ("article", "lot", "location", "expected", "counted", "difference")
    _echo_event(done, done.lots, (*columns, "unit"), dry_run, form)


@stock.command("list")
@click.argument("place", required=False)
@click.option("--at", type=Time(), help="As of this time.  [default: now]")
@KNOWN_AT
@click.option("--within", is_flag=True, help="With the places inside it.")
@click.option("--article", help="Only this one, or only ARTICLE/LOT.")
@output_option
@pass_desk
def list_(
    desk: Desk,
    place: str | None,
    at: datetime | None,
    known_at: datetime | None,
    within: bool,
    article: str | None,
    form: Form,
) -> None:
    """List how many of each lot there are, at PLACE or everywhere."""
    from fsc_logistics.core.stock.answers import list_stock
    from fsc_logistics.domain.quantities import Balance

    with desk.sessions.read() as session:
        found = list_stock(
            session,
            at=at or desk.now(),
            known_at=known_at,
            place=place,
            within=within,
            article=article,
        )
    echo(found, form, of=Balance)


@stock.command()
@click.argument("article")
@click.argument("quantity", type=QUANTITY)
@click.option("--at-place", "place", required=True, help="Where to take it.")
@json_option
@pass_desk
def suggest(desk: Desk, article: str, quantity: int, place: str, form: Form) -> None:
    """Show which lots make up QUANTITY of ARTICLE: what expires first goes first."""
    from fsc_logistics.core.stock.answers import suggest as suggest_lots
    from fsc_logistics.domain.quantities import Balance

    at = desk.now()
    day = _day(desk, at)
    with desk.sessions.read() as session:
        found = suggest_lots(session, article, quantity, place=place, at=at, day=day)
    if form is Form.JSON:
        echo_json(as_json(found))
        return
    echo(found.lots, form, of=Balance)
    if found.found < quantity:
        unit = found.unit
        click.echo(
            f"Only {found.found} {unit} of {found.article} can be taken at"
            f" {place.upper()}, not {quantity}.",
            err=True,
        )


@stock.command()
@click.option(
    "--days",
    type=click.IntRange(0, DAYS_MAX),
    default=60,
    show_default=True,
    help="From today on.",
)
@output_option
@pass_desk
def expiring(desk: Desk, days: int, form: Form) -> None:
    """List what has expired or will soon, soonest first."""
    from fsc_logistics.core.stock.answers import list_expiring
    from fsc_logistics.domain.quantities import Balance

    at = desk.now()
    with desk.sessions.read() as session:
        found = list_expiring(session, at=at, day=_day(desk, at), days=days)
    echo(found, form, of=Balance)


@stock.command()
@click.argument("lot", metavar="ARTICLE/LOT")
@click.option("--place", help="Only what came, went and was counted here.")
@KNOWN_AT
@output_option
@pass_desk
def history(
    desk: Desk, lot: str, place: str | None, known_at: datetime | None, form: Form
) -> None:
    """Show everything that happened to a lot, oldest first, with the balance then."""
    from fsc_logistics.core.stock.history import StockEntry, stock_history

    with desk.sessions.read() as session:
        found = stock_history(session, lot, place=place, known_at=known_at)
    columns = ("event_time", "location", "other", "change", "counted", "quantity")
    echo(found, form, columns=(*columns, "declared_wrong", "event"), of=StockEntry)


def _occasion(
    desk: Desk,
    by: "Signature",
    at: datetime | None,
    document: str | None,
) -> "Occasion":
    from fsc_logistics.domain.quantities import Occasion

    moment = at or by.record_time
    return Occasion(
        uid=new_uid(by.record_time),
        at=moment,
        day=_day(desk, moment),
        document=document,
    )


def _day(desk: Desk, at: datetime) -> date:
    return at.astimezone(desk.settings.timezone).date()


def _echo_moved(done: "StockMoved", dry_run: bool, form: Form) -> None:
    _echo_event(done, done.lots, _MOVED, dry_run, form)


def _echo_event(
    done: Any, lots: Sequence[Any], columns: Sequence[str], dry_run: bool, form: Form
) -> None:
    if form is Form.JSON:
        echo_json(as_json(done) | {"dry_run": dry_run})
        return
    if dry_run:
        click.echo("Would be recorded:")
    else:
        click.echo(f"{done.uid}  recorded" if done.added else f"{done.uid}  already so")
    echo(lots, form, columns=columns)
