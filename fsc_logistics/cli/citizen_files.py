"""Citizens from CSV files."""

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.files import Given, import_options, importing
from fsc_logistics.cli.key import open_vault
from fsc_logistics.cli.look import look_at, purpose_option
from fsc_logistics.cli.output import Form, echo_rows, output_option
from fsc_logistics.domain.numbers import counted


@click.command("import")
@import_options
@purpose_option
@output_option
@pass_desk
def import_(desk: Desk, given: Given, purpose: str | None, form: Form) -> None:
    """Register the citizens in the CSV file FILE; - is standard input.

    Columns: name, address, postcode (needed); citizen, cpr (one of them); city,
    municipality, phone, protected, call_first, access, lat, lon, contact_name,
    contact_phone, contact_relation.  All of them are registered, or none, each with a
    row in the access log.  With --csv stands which line has which code.
    """
    from fsc_logistics.core.exchange.citizens import CitizenLine, import_citizens

    look = look_at(desk, "register", purpose)
    with importing(desk, given) as (source, faults, manner):
        rows = import_citizens(
            desk.sessions,
            source,
            look,
            vault=open_vault(desk),
            faults=faults,
            manner=manner,
        )
        if form is not Form.TEXT:
            echo_rows(rows, form, of=CitizenLine)
            return
        total = nowhere = 0
        for row in rows:
            total += 1
            nowhere += row.geo_quality is None
        click.echo(given.sentence(total, "citizen"))
    if nowhere:
        homes = counted(nowhere, "home has a postcode", "homes have postcodes")
        click.echo(
            f"{homes} not known here, so no visit can be planned there. See: fsc"
            " citizen list",
            err=True,
        )
