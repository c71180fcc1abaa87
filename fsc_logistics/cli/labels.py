"""Device labels, on sheets or rolls."""

from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.domain.numbers import counted


@click.command()
@click.argument("devices", nargs=-1, metavar="[DEVICE]...")
@click.option("--at-location", help="All devices there, or anywhere inside.")
@click.option("--model", help="Only devices of this model.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("labels.pdf"),
    show_default=True,
    help="The PDF to write.",
)
@click.option(
    "--layout",
    default="a4-70x42",
    show_default=True,
    help="a4-70x42, a4-63x38 (L7160) or roll-50x30.",
)
@click.option(
    "--start",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="The first free label of the sheet.",
)
@click.option("--language", help="da or en.  [default: the settings']")
@pass_desk
def labels(
    desk: Desk,
    devices: tuple[str, ...],
    at_location: str | None,
    model: str | None,
    output: Path,
    layout: str,
    start: int,
    language: str | None,
) -> None:
    """Print labels as a PDF, with codes our scanners read back as the tag."""
    from fsc_logistics.core.catalogue.labels import labels_of
    from fsc_logistics.core.devices.finding import list_devices
    from fsc_logistics.core.printing import labels_pdf

    if not devices and not at_location and not model:
        raise click.UsageError("Name devices, or choose them: --at-location, --model.")
    with desk.sessions.read() as session:
        tags = list(devices)
        if at_location or model:
            chosen = list_devices(session, at_location=at_location, model=model)
            tags += [row.device for row in chosen]
        wanted = labels_of(session, tags, phone=desk.settings.centre.phone)
    spoken = language or desk.settings.language
    output.write_bytes(labels_pdf(wanted, spoken, layout=layout, start=start))
    click.echo(f"{output}  {counted(len(wanted), 'label')}")
