"""What is typed wrongly is told in a line; what nobody reads any more ends quietly."""

import os
import subprocess
import sys

import pytest

FSC = "import sys; from fsc_logistics.cli.main import main; main(sys.argv[1:])"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["who", "OXI-000001", "--at", "0001-01-01T00:00"],
            "Invalid value for '--at': '0001-01-01T00:00' is too long ago or too far"
            " ahead.",
        ),
        (
            ["who", "OXI-000001", "--at", "9999-12-31T23:59-01:00"],
            "Invalid value for '--at': '9999-12-31T23:59-01:00' is too long ago or too"
            " far ahead.",
        ),
        (
            ["plan", "9999-12-31"],
            "Invalid value for 'DAY': '9999-12-31' is too long ago or too far ahead.",
        ),
        (
            ["technician", "change", "ANNA", "--shift", "²:00-16:00"],
            "Invalid value for '--shift': '²:00-16:00' is not from-to. Try"
            " 08:00-16:00.",
        ),
        (
            ["technician", "change", "ANNA", "--lunch", "11:00-13:00/²"],
            "Invalid value for '--lunch': '11:00-13:00/²' is not a lunch. Try"
            " 11:00-13:00/30, or none.",
        ),
        (
            ["technician", "change", "ANNA", "--shift", f"{'9' * 5000}:00-16:00"],
            f"Invalid value for '--shift': '{'9' * 5000}:00-16:00' is not from-to. Try"
            " 08:00-16:00.",
        ),
        (
            ["holdings", "\udcff"],
            "Argument 4 is not text in UTF-8. Is the terminal set to another encoding?",
        ),
        (
            ["hwo", "OXI-000001"],
            "No such command 'hwo'. Did you mean 'who'?",
        ),
        (
            ["db", "restore", "copy.db"],
            "Say --yes to replace the database.",
        ),
    ],
)
def test_what_is_typed_wrongly_is_told(fsc, centre, arguments, message):
    # What is typed ahead is no answer: nobody saw the question.
    told = fsc("--database", centre, *arguments, stdin="y\n")

    assert (told.code, told.out) == (2, "")
    assert told.err.splitlines()[-1] == f"Error: {message}"


@pytest.mark.parametrize(
    "arguments", ["--help", "who OXI-000001", "device list", "device list --csv"]
)
def test_a_reader_that_has_seen_enough_is_not_told_of_it(centre, arguments):
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-c", FSC, "--database", centre, *arguments.split()],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, "")
