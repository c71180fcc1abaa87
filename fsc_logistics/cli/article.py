"""Articles: what is counted and not followed one by one."""

from datetime import date
from typing import Any

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.fields import given
from fsc_logistics.cli.output import Form, echo, echo_one, output_option
from fsc_logistics.cli.params import CalendarDay


@click.group()
def article() -> None:
    """Consumables that are counted: batteries, cuffs, dressings."""


@article.command()
@click.argument("code")
@click.option("--name", required=True, help="What it is called.")
@click.option("--unit", required=True, help="What is counted: piece, pair, box.")
@click.option("--gtin", help="Its number in GS1 barcodes.")
@output_option
@pass_desk
def add(
    desk: Desk, code: str, name: str, unit: str, gtin: str | None, form: Form
) -> None:
    """Register an article under CODE."""
    from fsc_logistics.core.stock.articles import Consumable, add_article

    new = Consumable(article=code, name=name, unit=unit, gtin=gtin)
    with desk.sessions.begin() as session:
        added = add_article(session, new)
    echo_one(added, form, f"{added.article} is registered.")


@article.command()
@click.argument("code")
@click.option("--name", help="What it is called.")
@click.option("--gtin", help="Its number in GS1 barcodes.")
@output_option
@pass_desk
def change(desk: Desk, code: str, form: Form, **fields: Any) -> None:
    """Change what is said of an article; its unit stays, for stock is counted in it."""
    from fsc_logistics.core.stock.articles import change_article

    with desk.sessions.begin() as session:
        changed = change_article(session, code, **given(**fields))
    echo_one(changed, form, f"{changed.article} is changed.")


@article.command("change-lot")
@click.argument("lot", metavar="ARTICLE/LOT")
@click.option(
    "--expires", type=CalendarDay(), required=True, help="The last day of use."
)
@output_option
@pass_desk
def change_lot(desk: Desk, lot: str, expires: date, form: Form) -> None:
    """Put right when a lot expires."""
    from fsc_logistics.core.stock.articles import change_lot as change_it

    with desk.sessions.begin() as session:
        changed = change_it(session, lot, expires=expires)
    line = f"{changed.article}/{changed.lot} expires on {changed.expires}."
    echo_one(changed, form, line)


@article.command("list")
@output_option
@pass_desk
def list_(desk: Desk, form: Form) -> None:
    """List articles by code."""
    from fsc_logistics.core.stock.articles import Consumable, list_articles

    with desk.sessions.read() as session:
        found = list_articles(session)
    echo(found, form, of=Consumable)
