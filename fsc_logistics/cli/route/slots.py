"""When somebody could come: what to offer a caller."""

import json
from typing import BinaryIO

import click

from fsc_logistics.cli.route.answer import id_of, line, row
from fsc_logistics.cli.route.change import read, refusals, visit_option
from fsc_logistics.cli.travel import Travel, travel_options
from fsc_logistics.domain.errors import BadInput


@click.command()
@click.argument("problem", type=click.File("rb"))
@click.argument("plan", type=click.File("rb"))
@visit_option
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Offer no more than that.",
)
@click.option(
    "--minutes",
    type=click.IntRange(min=1, max=1440),
    help="Cut the windows into offers this long.  [default: as they are]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@travel_options
def slots(
    problem: BinaryIO,
    plan: BinaryIO,
    visit: str,
    count: int,
    minutes: int | None,
    as_json: bool,
    travel: Travel,
) -> None:
    """Offer windows for a visit of PROBLEM that is not in PLAN, cheapest first.

    They are its own, or when anybody is at work where it has none.
    Every offer was timed with everything else in it; no two are in one window.
    """
    from routes.changes.slots import parts, windows_for
    from routes.changes.slots import slots as offers
    from routes.plan import clock

    document, draft = read(problem, plan, travel)
    id_ = id_of(document, "job", visit)
    windows = windows_for(draft, id_)
    if minutes is not None:
        try:
            windows = tuple(parts(windows, minutes * 60))
        except ValueError as error:
            raise BadInput(str(error)) from error
    with refusals():
        found = offers(draft, id_, count=count, windows=windows)
    if as_json:
        rows = [
            {
                "window": [one.window.opens_s, one.window.closes_s],
                "vehicle": document.name("vehicle", one.technician),
                "begin": one.begin_s,
                "extra": one.extra,
                "changes": [row(document, shift) for shift in one.shifts],
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        span = f"{clock(one.window.opens_s)}-{clock(one.window.closes_s)}"
        click.echo(f"{span}  {one.technician} {clock(one.begin_s)}  {one.extra:+}")
        for shift in one.shifts:
            click.echo(f"    {line(document, shift)}")
    if not found:
        click.echo(f"There is no room for {visit} in any of its windows.")
