"""A look at personal data, as the access log will have it."""

from typing import TYPE_CHECKING

import click

from fsc_logistics.cli.desk import Desk

if TYPE_CHECKING:
    from fsc_logistics.core.people.access import Look

purpose_option = click.option(
    "--purpose",
    help="What for, as an order; it stands in the access log.  [default: the command]",
)


def look_at(desk: Desk, action: str, purpose: str | None) -> "Look":
    """Return the look that is taken here and now."""
    from fsc_logistics.core.people.access import Look

    return Look(
        by=desk.settings.actor,
        at=desk.now(),
        action=action,
        purpose=purpose or _command(),
    )


def _command() -> str:
    """Return the command that is run, without what it is given."""
    names: list[str] = []
    ctx = click.get_current_context()
    while ctx.parent is not None:
        names.insert(0, str(ctx.info_name))
        ctx = ctx.parent
    return " ".join(["fsc", *names])
