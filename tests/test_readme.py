"""The documents say what the program does: commands, options, files, help."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from fsc_logistics.cli.main import COMMANDS, fsc

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WRITTEN = [page for page in PAGES if page.name != "commands.md"]


def walk(command, path=("fsc",)):
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.get_command(context, name), (*path, name))


TREE = dict(walk(fsc))
PRINT_PAGE = """
import runpy, sys
page = runpy.run_path(sys.argv[1])["page"]()
sys.stdout.buffer.write(page.encode())
"""


def typed(page):
    """Return every line of a page that a reader is told to type."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, flags=re.S):
        for line in block.splitlines():
            if line.startswith("$ fsc "):
                yield line[2:]


LINES = [(page.name, line) for page in WRITTEN for line in typed(page)]


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_line_to_type_is_a_command_with_those_options(page, line):
    words = shlex.split(line)
    path, command = ("fsc",), TREE[("fsc",)]
    options = {name for param in command.params for name in param.opts}
    for word in words[1:]:
        if (*path, word) in TREE and isinstance(command, click.Group):
            path = (*path, word)
            command = TREE[path]
            for param in command.params:
                options |= {*param.opts, *param.secondary_opts}
        elif word.startswith("--"):
            assert word.partition("=")[0] in options, f"{page}: {line}"

    is_whole = not isinstance(command, click.Group) or command.invoke_without_command
    assert is_whole, f"{page}: {line}"


@pytest.mark.parametrize("path", [" ".join(path) for path in TREE])
def test_every_command_and_option_has_help(path):
    command = TREE[tuple(path.split())]

    assert command.help
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, f"{path} {param.opts}"


def test_the_group_tells_each_command_as_the_command_does():
    for name, (_, _, told) in COMMANDS.items():
        assert told.endswith("."), name
        assert (TREE[("fsc", name)].help or "").strip(), name


def test_the_page_of_commands_is_up_to_date():
    # A process of its own: click keeps a command's help option from its first caller.
    made = subprocess.run(
        [sys.executable, "-c", PRINT_PAGE, str(ROOT / "docs" / "make_commands.py")],
        capture_output=True,
        check=True,
    ).stdout.decode()

    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == made, (
        "run: make docs"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(([^)#:]+)\)", text))
    named |= set(re.findall(r"`((?:docs/)?[\w-]+\.md)`", text))

    missing = {
        name
        for name in named
        if not (page.parent / name).exists() and not (ROOT / name).exists()
    }

    assert missing == set()


def test_the_two_commands_of_the_readme_are_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text()

    for target in ("demo", "test"):
        assert f"$ make {target}" in (ROOT / "README.md").read_text(encoding="utf-8")
        assert re.search(rf"^{target}:", makefile, flags=re.M)


def test_ci_calls_the_same():
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()
