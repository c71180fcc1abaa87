"""The ledger itself: prove it, rebuild what follows from it, fix its head."""

import json
from pathlib import Path

import click

from fsc_logistics.cli.desk import Desk, pass_desk
from fsc_logistics.cli.ledger_move import export, import_
from fsc_logistics.cli.output import (
    OUT_FILE,
    Form,
    as_json,
    echo_json,
    json_option,
    write_whole,
)
from fsc_logistics.cli.progress import progress_bar
from fsc_logistics.domain.errors import VerificationFailed
from fsc_logistics.domain.numbers import counted


@click.group()
def ledger() -> None:
    """Verify the ledger, rebuild what follows from it."""


ledger.add_command(export)
ledger.add_command(import_)


@ledger.command()
@click.option(
    "--against",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Hold the ledger against a checkpoint in a file too.  [repeatable]",
)
@click.option(
    "--public-key",
    "keys",
    metavar="FILE",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Believe this key's signatures alone, and no unsigned file.  [repeatable]",
)
@json_option
@pass_desk
def verify(
    desk: Desk, against: tuple[Path, ...], keys: tuple[Path, ...], form: Form
) -> None:
    """Recompute every hash and every span from the events, and compare.

    The checkpoints that were taken are held against the events.  Whoever can write
    anything in the database can rewrite them as well: --against holds the ledger
    against the file of a checkpoint that was kept elsewhere.
    """
    from fsc_logistics.core.proof.signing import read_public_key
    from fsc_logistics.core.proof.verification import verify as verify_all

    trusted = [read_public_key(file) for file in keys]
    with desk.sessions.read() as session, progress_bar("Verifying") as told:
        found = verify_all(session, told, against=against, trusted=trusted)
    if form is Form.JSON:
        echo_json(as_json(found))
    else:
        for mismatch in found.mismatches:
            click.echo(mismatch)
        click.echo(
            f"{counted(found.events, 'event')}, {counted(found.devices, 'device')},"
            f" {counted(found.spans, 'span')},"
            f" {counted(len(found.mismatches), 'mismatch', 'mismatches')}"
        )
    if found.mismatches:
        raise VerificationFailed(
            "The ledger and what is derived from it disagree. If only spans are named,"
            " see first that no event was cut off: fsc ledger verify --against FILE, a"
            " checkpoint kept elsewhere; then: fsc ledger rebuild"
        )


@ledger.command()
@click.option(
    "--only-wrong", is_flag=True, help="Write those alone that differ; much quicker."
)
@json_option
@pass_desk
def rebuild(desk: Desk, only_wrong: bool, form: Form) -> None:
    """Make every span anew from the events; the events themselves never change.

    Nobody else can write meanwhile.
    """
    from fsc_logistics.core.proof.verification import rebuild as rebuild_all

    with desk.sessions.begin() as session, progress_bar("Rebuilding") as told:
        made = rebuild_all(session, told, only_wrong=only_wrong)
    if form is Form.JSON:
        echo_json(as_json(made))
    else:
        click.echo(
            f"{counted(made.spans, 'span')} of {counted(made.devices, 'device')} made"
            f" from {counted(made.events, 'event')}"
        )


@ledger.command()
@click.option(
    "--sign",
    "key_file",
    metavar="KEYFILE",
    type=click.Path(path_type=Path),
    help="Sign it with the private key in this file.",
)
@click.option(
    "-o",
    "--output",
    "target",
    type=OUT_FILE,
    help="Write it to a file that anybody can check: docs/proof.md.",
)
@json_option
@pass_desk
def checkpoint(
    desk: Desk, key_file: Path | None, target: Path | None, form: Form
) -> None:
    """Keep and print one hash that stands for the whole ledger as it is now.

    Keep it elsewhere too: whoever can show it later proves that nothing before it was
    changed, nor the last events cut off.  See: fsc ledger verify --against FILE
    """
    from fsc_logistics.core.proof.checkpoints import take_checkpoint
    from fsc_logistics.core.proof.signing import read_signing_key

    key = None if key_file is None else read_signing_key(key_file)
    with desk.sessions.begin() as session:
        taken = take_checkpoint(session, desk.sign(), key)
    if target is not None:
        document = json.dumps(as_json(taken), ensure_ascii=False, indent=2)
        write_whole(target, document + "\n")
    if str(target) == "-":
        return
    if form is Form.JSON:
        echo_json(as_json(taken))
    else:
        for head in taken.stations:
            click.echo(f"{head.station}  {counted(head.events, 'event')}  {head.hash}")
        click.echo(f"ledger  {counted(taken.events, 'event')}  {taken.hash}")


@ledger.group()
def key() -> None:
    """The key that checkpoints are signed with."""


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
def create(file: Path) -> None:
    """Make a key that signs in FILE, and what checks it in FILE.pub; never over others.

    Keep FILE where nobody who can write the database can read it; give FILE.pub to
    whoever checks.
    """
    from fsc_logistics.core.proof.signing import make_signing_key

    public = make_signing_key(file)
    click.echo(f"{file} signs, for its owner alone; {public} checks what was signed.")
