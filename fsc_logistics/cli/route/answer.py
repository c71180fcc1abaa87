"""What a change of a plan comes to, in words or as JSON."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.route.files import write_whole
from fsc_logistics.domain.errors import NotFound

if TYPE_CHECKING:
    from routes.drafting.difference import Difference, Shift
    from routes.formats.document import Document
    from routes.plan import Plan


class Moment(click.ParamType[int]):
    """A moment of the problem: hours and minutes, or its seconds."""

    name = "moment"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return the moment in seconds."""
        text = str(value)
        parts = text.split(":")
        if all(part.isascii() and part.isdigit() for part in parts):
            if len(parts) == 1:
                return int(text)
            if len(parts) == 2 and int(parts[1]) < 60:
                return int(parts[0]) * 3600 + int(parts[1]) * 60
        return self.fail(
            f"{text!r} is not a moment. Try 14:30, or seconds as in the file.",
            param,
            ctx,
        )


def id_of(document: "Document", noun: str, name: str) -> str:
    """Return our id of the visit (job) or technician (vehicle) called `name`.

    Raises:
        NotFound: there is none.
    """
    found = document.ids().get((noun, name))
    if found is None:
        raise NotFound(f"There is no {noun} {name} in the problem.")
    return found


def tell(
    document: "Document",
    plan: "Plan",
    changed: "Difference",
    *,
    output: Path | None,
    as_json: bool,
) -> None:
    """Print what `changed`, and write `plan` to `output` if there is one."""
    from routes.formats.vroom_plan import write_plan

    if output is not None:
        text = json.dumps(write_plan(document, plan), ensure_ascii=False, indent=2)
        write_whole(output, text + "\n")
    if as_json:
        answer = {
            "cost": plan.cost,
            "extra": changed.extra,
            "changes": [row(document, one) for one in changed.shifts],
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for one in changed.shifts:
        click.echo(line(document, one))
    click.echo(f"Cost: {plan.cost} ({changed.extra:+})")


def row(document: "Document", one: "Shift") -> dict[str, object]:
    """Return one change as JSON."""
    return {
        "type": str(one.kind),
        "id": document.name(str(one.kind), one.id),
        "vehicle_before": _vehicle(document, one.before),
        "begin_before": one.before_s,
        "vehicle": _vehicle(document, one.after),
        "begin": one.after_s,
    }


def _vehicle(document: "Document", id_: str | None) -> int | str | None:
    return None if id_ is None else document.name("vehicle", id_)


def line(document: "Document", one: "Shift") -> str:
    """Return one change in words."""
    from routes.plan import clock

    what = f"{one.kind} {one.id}"
    if one.after is None or one.after_s is None:
        return f"{what}: left out, was {one.before}"
    then = f"{one.after} {clock(one.after_s)}"
    if one.before is None or one.before_s is None:
        return f"{what}: {then}"
    was = clock(one.before_s)
    if one.before != one.after:
        was = f"{one.before} {was}"
    return f"{what}: {then}, was {was}"
