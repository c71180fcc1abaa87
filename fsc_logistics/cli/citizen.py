"""Citizens: register, import, show, find, change, erase; who looked at whom."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from fsc_logistics.cli.citizen_files import import_
from fsc_logistics.cli.contact import contact
from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import LatLon, given
from fsc_logistics.cli.key import open_vault
from fsc_logistics.cli.look import look_at, purpose_option
from fsc_logistics.cli.output import Form, echo, echo_one, output_option
from fsc_logistics.cli.params import Time
from fsc_logistics.domain.errors import BadInput

if TYPE_CHECKING:
    from fsc_logistics.core.people.personal import CitizenShown
    from fsc_logistics.domain.people import Cpr

FOUND = ("citizen", "name", "address", "postcode", "city", "phone", "cpr")
_cpr_option = click.option(
    "--cpr",
    help="CPR number; - reads it from standard input, where no shell history keeps it.",
)


def _field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--name", help="First names and surname."),
            click.option("--address", help="Street, number, floor and door."),
            click.option("--postcode", help="Four digits."),
            click.option("--city", help="[default: the postcode's]"),
            click.option("--municipality", help="The municipality's four digits."),
            click.option("--phone", help="Danish unless a country is in front."),
            _cpr_option,
            click.option(
                "--protected/--not-protected",
                default=None,
                help="Name and address protection.",
            ),
            click.option(
                "--call-first/--no-call-first",
                default=None,
                help="Call before driving there.",
            ),
            click.option("--access", "access_notes", help="How to get in."),
            click.option("--point", type=LatLon(), help="Where the home is."),
            purpose_option,
        )
    ):
        command = option(command)
    return command


@click.group()
def citizen() -> None:
    """Citizens and their personal data; every look at them is logged."""


citizen.add_command(contact)
citizen.add_command(import_)


@citizen.command()
@click.argument("code", required=False)
@_field_options
@output_option
@pass_desk
def add(
    desk: Desk,
    code: str | None,
    cpr: str | None,
    purpose: str | None,
    form: Form,
    **fields: Any,
) -> None:
    """Register a citizen under CODE, or the next of CIT-000001, …

    On a terminal, what is needed and missing is asked for.
    """
    from fsc_logistics.core.people.citizens import register_citizen
    from fsc_logistics.core.people.personal import list_citizens

    for name in ("name", "address", "postcode"):
        if fields[name] is None and desk.asks and sys.stdin.isatty():
            fields[name] = click.prompt(name.capitalize(), err=True)
    said = given(**fields, cpr=_read_cpr(cpr))
    look = look_at(desk, "register", purpose)
    with desk.sessions.begin() as session:
        code = register_citizen(
            session, look, code=code, vault=open_vault(desk), **said
        )
        (added,) = list_citizens(session, code=code)
    echo_one(added, form, f"{added.citizen} is registered, with {added.home}.")
    if added.geo_quality is None:
        click.echo(
            "Its postcode is not known here, so no visit can be planned. Say where it"
            f" is: fsc citizen change {added.citizen} --point LAT,LON",
            err=True,
        )


@citizen.command()
@click.argument("code")
@_field_options
@pass_desk
def change(
    desk: Desk, code: str, cpr: str | None, purpose: str | None, **fields: Any
) -> None:
    """Change what is known of a citizen; '' takes a phone or a note away."""
    from fsc_logistics.core.people.citizens import change_citizen

    said = given(**fields, cpr=_read_cpr(cpr))
    if not said:
        raise click.UsageError("Say what is to be changed.")
    look = look_at(desk, "change", purpose)
    with desk.sessions.begin() as session:
        change_citizen(session, look, code, vault=open_vault(desk), **said)
    click.echo(f"{code.upper()} is changed.")


@citizen.command()
@click.argument("code")
@purpose_option
@output_option
@pass_desk
def show(desk: Desk, code: str, purpose: str | None, form: Form) -> None:
    """Show a citizen.  What is protected stands only on the run's printed sheet."""
    from fsc_logistics.core.people.personal import show_citizen

    look = look_at(desk, "show", purpose)
    with desk.sessions.begin() as session:
        found = show_citizen(session, look, code, vault=open_vault(desk))
    echo_one(found, form, "\n".join(_lines(found)))


@citizen.command()
@_cpr_option
@click.option("--phone", help="Theirs, or that of a contact.")
@click.option("--name", help="Part of the name.")
@purpose_option
@output_option
@pass_desk
def find(
    desk: Desk,
    cpr: str | None,
    phone: str | None,
    name: str | None,
    purpose: str | None,
    form: Form,
) -> None:
    """Find citizens; every one that is shown is logged."""
    from fsc_logistics.core.people.personal import CitizenShown, find_citizens

    number = _read_cpr(cpr)
    look = look_at(desk, "find", purpose)
    with desk.sessions.begin() as session:
        found = find_citizens(
            session, look, vault=open_vault(desk), cpr=number, phone=phone, name=name
        )
    echo(found, form, columns=FOUND, of=CitizenShown)


@citizen.command("list")
@output_option
@pass_desk
def list_(desk: Desk, form: Form) -> None:
    """List citizens by code, without names."""
    from fsc_logistics.core.people.personal import CitizenListed, list_citizens

    with desk.sessions.read() as session:
        found = list_citizens(session)
    echo(found, form, of=CitizenListed)


@citizen.command()
@click.argument("code")
@click.option("--yes", is_flag=True, help="Do not ask.")
@purpose_option
@pass_desk
def erase(desk: Desk, code: str, yes: bool, purpose: str | None) -> None:
    """Delete a citizen's personal data for good; code, ledger and access log stay."""
    from fsc_logistics.core.erasing import forget_erased
    from fsc_logistics.core.people.citizens import erase_citizen

    if not yes:
        if not (desk.asks and sys.stdin.isatty()):
            raise click.UsageError(
                "Erasing cannot be undone. Say --yes if it is meant."
            )
        click.confirm(f"Erase {code.upper()} for good?", abort=True, err=True)
    look = look_at(desk, "erase", purpose)
    with desk.sessions.begin() as session:
        erase_citizen(session, look, code)
    click.echo(f"The personal data of {code.upper()} are erased.")
    if not forget_erased(desk.sessions.engine):
        click.echo(
            "Somebody is reading the database, so what was erased still stands in its"
            " log file. It goes when the last program leaves the database.",
            err=True,
        )


@citizen.command()
@click.argument("code", required=False)
@click.option("--since", type=Time(), help="From this time on.")
@click.option("--until", type=Time(), help="Before this time.")
@output_option
@pass_desk
def log(
    desk: Desk,
    code: str | None,
    since: datetime | None,
    until: datetime | None,
    form: Form,
) -> None:
    """Show who looked at whose data, when and what for; --csv to hand it on."""
    from fsc_logistics.core.people.access import LookLogged, access_log

    with desk.sessions.read() as session:
        looks = access_log(session, citizen=code, since=since, until=until)
    echo(looks, form, of=LookLogged)


def _read_cpr(text: str | None) -> "Cpr | None":
    from fsc_logistics.domain.people import Cpr

    if text is None:
        return None
    if text == "-":
        text = (
            click.prompt("CPR number", hide_input=True, err=True)
            if sys.stdin.isatty()
            else sys.stdin.readline()
        )
    if not text.strip():
        raise BadInput("No CPR number was given.")
    return Cpr.read(text)


def _lines(found: "CitizenShown") -> Iterator[str]:
    yield f"{found.citizen}: {found.name}"
    yield f"  {found.address}, {found.postcode} {found.city}".rstrip()
    told = {
        "Phone": found.phone,
        "CPR": found.cpr,
        "Municipality": found.municipality,
        "Access": found.access_notes,
        "Call first": "yes" if found.call_first else None,
        "Point": found.geo_quality,
    }
    yield from (f"  {name}: {value}" for name, value in told.items() if value)
    for one in found.contacts:
        parts = (one.name, one.relation, one.phone)
        yield f"  Contact {one.number}: {', '.join(part for part in parts if part)}"
