"""Write docs/commands.md from the commands themselves: `make docs`."""

from collections.abc import Iterator
from pathlib import Path

import click

from fsc_logistics.cli.main import fsc

HEAD = """\
# Commands

Made from the program's own help by `make docs`. Exit codes: 0 done · 1 refused or
failed · 2 wrong usage · 3 not found · 4 forbidden by a rule · 6 verification failed ·
75 try later.
"""


def commands(
    command: click.Command, path: tuple[str, ...], parent: click.Context | None
) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    """Yield every command below `command`, with the words that call it."""
    context = click.Context(
        command, info_name=path[-1], parent=parent, **command.context_settings
    )
    yield path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, (*path, name), context)


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for path, command, context in commands(fsc, ("fsc",), None):
        if not isinstance(command, click.Group):
            context.terminal_width = context.max_content_width = 79
            parts.append(
                f"## {' '.join(path)}\n\n```\n{command.get_help(context)}\n```\n"
            )
    return "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("commands.md").write_text(page(), encoding="utf-8")
