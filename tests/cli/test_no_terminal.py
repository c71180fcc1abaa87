"""What is asked where somebody sits at a terminal, and where nobody does."""

import io
import subprocess
import sys

import pytest

from fsc_logistics.cli.main import main


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self):
        return True


@pytest.fixture
def fsc_closed(folder):
    """Run a command that is started with its standard input closed."""
    program = "from fsc_logistics.cli.main import main; main()"
    shell = f'exec "$0" -c "{program}" "$@" <&-'

    def run(*arguments):
        return subprocess.run(
            ["sh", "-c", shell, sys.executable, *map(str, arguments)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.mark.parametrize(
    ("arguments", "code", "last"),
    [
        (
            ["citizen", "add"],
            1,
            "Error: A citizen needs: name, address, postcode.",
        ),
        (
            ["citizen", "erase", "CIT-1"],
            2,
            "Error: Erasing cannot be undone. Say --yes if it is meant.",
        ),
        (["citizen", "find", "--cpr", "-"], 1, "Error: No CPR number was given."),
        (["db", "restore", "x.db"], 2, "Error: Say --yes to replace the database."),
        (["model", "import", "-"], 1, "Error: "),
        (["scanner", "simulate"], 0, "A scanner is plugged in at /dev/"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_closed_standard_input_is_nobody(fsc_closed, centre, arguments, code, last):
    told = fsc_closed("--database", centre, *arguments)

    assert told.returncode == code, told.stderr
    assert told.stderr.splitlines()[-1].startswith(last)
    assert "Traceback" not in told.stderr


def test_a_copy_that_is_none_is_told_before_anybody_is_asked(
    fsc, centre, folder, monkeypatch, capsys
):
    (folder / "text.db").write_text("no database")
    fsc("--database", centre, "db", "backup", "copy.db")

    told = []
    for copy in ("none.db", "text.db", "copy.db"):
        monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
        with pytest.raises(SystemExit) as end:
            main(["--database", centre, "db", "restore", copy])
        told.append((end.value.code, capsys.readouterr().err))

    assert told == [
        (1, "Error: There is no file none.db.\n"),
        (1, "Error: text.db is not a whole copy of an fsc database.\n"),
        (130, f"Replace the database at {centre} with copy.db? [y/N]: Stopped.\n"),
    ]


def test_who_named_no_database_is_not_invited_to_make_a_second_one(fsc, folder):
    guessed = fsc("who", "OXI-000001")
    named = fsc("--database", "my.db", "who", "OXI-000001")
    (folder / "fsc.toml").write_text('station = "HORSENS"')
    settled = fsc("who", "OXI-000001")

    assert guessed.err == (
        f"Error: There is no database at {folder}/fsc.db, and no fsc.toml here. Go to"
        " the centre's folder, name one with --config, or make a new database: fsc db"
        " upgrade\n"
    )
    assert named.err == (
        f"Error: There is no database at {folder}/my.db. Make one with: fsc db"
        " upgrade\n"
    )
    assert settled.err == (
        f"Error: There is no database at {folder}/fsc.db. Make one with: fsc db"
        " upgrade\n"
    )
