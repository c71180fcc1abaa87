"""Results as tables and as CSV, where there are many, few or none."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from fsc_logistics.cli.output import Form, echo

LISTS = {
    "citizen list": "citizen",
    "citizen log": "at",
    "condition history OXI-000001": "condition",
    "condition list": "condition",
    "device list": "device",
    "exceptions": "id",
    "exceptions list --all": "id",
    "flag list": "flag",
    "history OXI-000001": "event",
    "holdings VAN-ANNA": "device",
    "location list --kind supplier": "location",
    "model list --category none": "model",
    "order list": "order",
    "party list --kind hospital": "party",
    "run list": "run",
    "scanner exceptions": "id",
    "technician list": "technician",
}


@pytest.mark.parametrize("command", LISTS)
def test_every_list_has_a_header_in_csv(fsc, centre, command):
    told = fsc("--database", centre, *command.split(), "--csv")

    header, *_ = told.out.splitlines()
    assert LISTS[command] in header.split(",")


def test_an_empty_list_is_its_header_alone_and_the_header_is_the_same(fsc, centre):
    empty = fsc("--database", centre, "holdings", "VAN-ANNA", "--csv")
    full = fsc("--database", centre, "holdings", "HORSENS", "--csv")

    assert empty.out.splitlines() == full.out.splitlines()[:1]
    assert len(full.out.splitlines()) > 1


@pytest.mark.parametrize(
    "command", sorted(name for name in LISTS if "exceptions" not in name)
)
def test_a_list_of_nothing_says_so(fsc, centre, command):
    lines = fsc("--database", centre, *command.split(), "--csv").out.splitlines()
    told = fsc("--database", centre, *command.split())

    assert told.code == 0
    assert (told.out == "") == (len(lines) == 1)
    assert told.err == ("Nothing.\n" if len(lines) == 1 else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    device: str
    location: str
    since: datetime
    message: str


ROW = Row(
    device="OXI-000001",
    location="HORSENS-A",
    since=datetime(2026, 1, 1, 8, tzinfo=UTC),
    message="nobody knows this code yet",
)


@pytest.fixture
def terminal(monkeypatch, capsys):
    """Print a row on a terminal of so many columns; return the lines."""

    def shown(row, columns_count):
        monkeypatch.setenv("COLUMNS", str(columns_count))
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        echo([row], Form.TEXT)
        out = capsys.readouterr().out.replace("\u00a0", " ")
        return [line.rstrip() for line in out.splitlines()]

    return shown


def test_on_a_wide_terminal_a_row_is_a_line(terminal):
    *_, line = terminal(ROW, 80)

    assert line == (
        "OXI-000001  HORSENS-A  2026-01-01 08:00  nobody knows this code yet"
    )


def test_on_a_narrower_one_words_wrap_and_codes_and_moments_do_not(terminal):
    *_, first, second = terminal(ROW, 54)

    assert first == "OXI-000001  HORSENS-A  2026-01-01 08:00  nobody knows"
    assert second.strip() == "this code yet"


@pytest.mark.parametrize("columns_count", [10, 30, 45])
def test_where_a_code_would_be_cut_each_row_has_lines_of_its_own(
    terminal, columns_count
):
    assert terminal(ROW, columns_count) == [
        "device    OXI-000001",
        "location  HORSENS-A",
        "since     2026-01-01 08:00",
        "message   nobody knows this code yet",
    ]
