"""Contacts of citizens: add, remove."""

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.look import look_at, purpose_option


@click.group()
def contact() -> None:
    """Whom to call or meet instead of, or with, a citizen."""


@contact.command("add")
@click.argument("code")
@click.option("--name", required=True, help="Who it is.")
@click.option("--relation", help="Daughter, nurse, neighbour, …")
@click.option("--phone", help="Danish unless a country is in front.")
@purpose_option
@pass_desk
def add_contact(
    desk: Desk,
    code: str,
    name: str,
    relation: str | None,
    phone: str | None,
    purpose: str | None,
) -> None:
    """Add a contact to the citizen CODE."""
    from fsc_logistics.core.people import citizens

    look = look_at(desk, "change", purpose)
    with desk.sessions.begin() as session:
        number = citizens.add_contact(
            session, look, code, name=name, relation=relation, phone=phone
        )
    click.echo(f"Contact {number} of {code.upper()} is added.")


@contact.command("remove")
@click.argument("code")
@click.argument("number", type=int)
@purpose_option
@pass_desk
def remove_contact(desk: Desk, code: str, number: int, purpose: str | None) -> None:
    """Remove contact NUMBER, as `citizen show` counts them."""
    from fsc_logistics.core.people import citizens

    look = look_at(desk, "change", purpose)
    with desk.sessions.begin() as session:
        citizens.remove_contact(session, look, code, number)
    click.echo(f"Contact {number} of {code.upper()} is removed.")
