"""`fsc scanner ports`: what is plugged in, and what it probably is."""

import click

from fsc_logistics.cli.output import Form, echo, output_option

SHOWN = ("url", "kind", "make", "protocol", "feedback")


@click.command()
@click.option("--toml", is_flag=True, help="Print a [[port]] of fsc.toml for each.")
@output_option
def ports(toml: bool, form: Form) -> None:
    """List the serial ports of this machine, with names that last.

    Scanners that type as a keyboard are listed too: no port, but what to do about it.
    """
    from scanner.fitting.plugged import PluggedIn, keyboards, plugged_in, port_block
    from scanner.fitting.usb import PortKind

    found = plugged_in() + keyboards()
    if toml:
        serial = [it for it in found if it.kind is not PortKind.KEYBOARD]
        blocks = [port_block(it.url, it.protocol, it.feedback) for it in serial]
        click.echo("\n".join(blocks), nl=False)
    elif found or form is not Form.TEXT:
        echo(found, form, columns=SHOWN, of=PluggedIn)
    else:
        click.echo("No serial port is plugged in.", err=True)
    if toml or form is Form.TEXT:
        for one in found:
            if one.advice:
                called = one.description or one.device
                click.echo(f"{called}: {one.advice}.", err=True)
