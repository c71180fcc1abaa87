"""`fsc scanner cards`: what tells a scanner what to do, to cut out and hang up."""

from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk


@click.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("cards.pdf"),
    show_default=True,
    help="The PDF to write.",
)
@click.option("--place", multiple=True, metavar="CODE", help="A card for a place.")
@click.option("--party", multiple=True, metavar="CODE", help="A card for somebody.")
@click.option("--kit", multiple=True, metavar="TAG", help="A card for a kit.")
@click.option(
    "--operator", multiple=True, metavar="CODE", help="A badge for who scans."
)
@click.option("--language", help="da or en.  [default: the settings']")
@pass_desk
def cards(
    desk: Desk,
    output: Path,
    place: tuple[str, ...],
    party: tuple[str, ...],
    kit: tuple[str, ...],
    operator: tuple[str, ...],
    language: str | None,
) -> None:
    """Print the command cards, and cards for places, people and kits, as a PDF."""
    from fsc_logistics.core.catalogue.labels import (
        badge_card,
        kit_card,
        party_card,
        place_card,
    )
    from fsc_logistics.core.printing import Card, cards_pdf, command_cards

    spoken = language or desk.settings.language
    named: list[Card] = []
    if place or party or kit or operator:
        with desk.sessions.read() as session:
            named += [place_card(session, code) for code in place]
            named += [party_card(session, code) for code in party]
            named += [kit_card(session, tag) for tag in kit]
            named += [badge_card(session, code) for code in operator]
    output.write_bytes(cards_pdf([*command_cards(spoken), *named], spoken))
    click.echo(str(output))
