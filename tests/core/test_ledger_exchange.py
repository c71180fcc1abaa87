"""The whole ledger out of one database and into another, on either engine."""

import csv
import hashlib
import io
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from fsc_logistics.core.care.conditions import record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.devices.commissioning import NewDevice, add_device
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exceptions.resolving import resolve
from fsc_logistics.core.exceptions.waiting import Which, list_matters
from fsc_logistics.core.exchange import ledger_files, ledger_import
from fsc_logistics.core.exchange.faults import Faults
from fsc_logistics.core.exchange.ledger_export import export_ledger
from fsc_logistics.core.exchange.ledger_files import TABLE_FILES
from fsc_logistics.core.exchange.ledger_trial import BadLedger
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.kits.templates import add_template
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.checkpoints import heads, take_checkpoint
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.scanning.recording import record_scans
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.core.tables import (
    OPEN_ENDED,
    ConditionSpan,
    CustodySpan,
    DeviceModel,
    Event,
    ImportProgress,
    KitSpan,
    Party,
    Station,
    StockSpan,
)
from fsc_logistics.domain.care import Flag
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause
from fsc_logistics.domain.errors import (
    BadInput,
    Refused,
    TryLater,
    VerificationFailed,
)
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.quantities import Occasion
from fsc_logistics.domain.station import advance
from scanner.scan import Scan

IDLE = timedelta(minutes=10)
SPANS = (CustodySpan, KitSpan, ConditionSpan, StockSpan)
on_a_file = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is in the files does not depend on the engine they come from."""


@pytest.fixture
def filled(centre):
    """The small centre with all that makes a ledger hard to move."""
    with centre.begin() as session:
        start = session.scalars(select(Event.event_time)).one()

        def signed(hours, station="DOCK"):
            moment = start + timedelta(hours=hours)
            return Signature(station=station, actor="TESTER", record_time=moment)

        def move(uid, devices, place, hours, recorded=None, **said):
            transfer = Transfer(
                uid=uid,
                devices=devices,
                location=place,
                event_time=start + timedelta(hours=hours),
                **said,
            )
            station = said.get("read_point") or "DOCK"
            record_transfer(session, transfer, signed(recorded or hours, station))

        add_template(session, "SET", name="Set", holds={"3230": 3})
        # The case has a higher number than its parts.
        record_kit(
            session,
            ("OXI-1", "OXI-2"),
            kit="KIT-1",
            uid="kit",
            at=start + timedelta(hours=1),
            by=signed(1),
            template="SET",
            moves_by=MovesBy.CASE,
        )
        stock(session, start, signed)
        move("van", ("KIT-1",), "VAN-ANNA", 2, document=r"\N")
        move(
            "home", ("KIT-1",), "HOME-CIT-1", 3, document="", reason=r"\back, „quoted“"
        )
        move("late", ("OXI-3",), "VAN-BO", 1.5, recorded=4, read_point="DEPOT-2")
        move("wrong", ("OXI-3",), "HOME-CIT-2", 5)
        declare_wrong(
            session,
            "wrong",
            signed(6),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid="declared",
        )
        move("two", ("OXI-1", "OXI-3"), "H-B", 7)
        declare_wrong(
            session,
            "two",
            signed(8),
            reason=WrongBecause.DID_NOT_OCCUR,
            declaration_uid="half",
            devices=("OXI-3",),
        )
        take_checkpoint(session, signed(9))
        # Registered before what it is part of, and with a number that is lower.
        below = session.scalars(select(Party).where(Party.code == "ANNA")).one()
        above = Party(code="REGION", kind="region", name='A "quoted", name')
        session.add(above)
        session.flush()
        below.parent_id = above.id
        citizen = session.scalars(select(Party).where(Party.code == "CIT-1")).one()
        citizen.municipality_code = "0615"
    return centre


def stock(session, start, signed):
    """Receive, move and count batteries."""
    add_article(session, Consumable(article="AA", name="Battery", unit="piece"))

    def occasion(uid, hours):
        at = start + timedelta(hours=hours)
        return Occasion(uid=uid, at=at, day=at.date())

    record_receipt(
        session,
        "AA",
        40,
        lot="L/1",
        expires=date(2027, 3, 31),
        origin="MAKER-DK",
        target="H-A",
        occasion=occasion("received", 1.1),
        by=signed(1.1),
    )
    record_stock_move(
        session,
        "AA",
        15,
        lot="L/1",
        origin="H-A",
        target="VAN-BO",
        occasion=occasion("moved", 1.2),
        by=signed(1.2),
    )
    record_count(
        session,
        "VAN-BO",
        [("AA/L/1", 14)],
        occasion=occasion("counted", 1.3),
        by=signed(1.3),
    )


@pytest.fixture
def another(request, sqlite_template, tmp_path, postgresql_server):
    """Make a new, empty database of a kind."""
    made = []

    def make(kind):
        if kind == "sqlite":
            path = tmp_path / f"another-{len(made)}.db"
            path.write_bytes(sqlite_template.read_bytes())
            url = str(path)
        else:
            name = f"another_{len(made)}_{abs(hash(request.node.name))}"
            postgresql_server.psql(f"CREATE DATABASE {name} TEMPLATE template_fsc")
            url = postgresql_server.get_uri(database=name)
        made.append((kind, Sessions(make_engine(url))))
        return made[-1][1]

    yield make
    for kind, sessions in made:
        name = sessions.engine.url.database
        sessions.engine.dispose()
        if kind == "postgresql":
            postgresql_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


def import_ledger(sessions, folder, path=None, **said):
    with Faults.kept(path, of_several=True) as faults:
        return ledger_import.import_ledger(sessions, folder, faults=faults, **said)


def try_ledger(sessions, folder, **said):
    with Faults.kept(of_several=True) as faults:
        return ledger_import.try_ledger(sessions, folder, faults=faults, **said)


def faults_of(sessions, folder, path=None):
    """Return what is wrong with a ledger that is not imported."""
    with pytest.raises(BadLedger) as error:
        import_ledger(sessions, folder, path, now=OPEN_ENDED)
    assert rows(sessions, Party, Event, ImportProgress) == [[], [], []]
    return [str(fault) for fault in error.value.faults]


def written(sessions, folder, at):
    with sessions.read() as session:
        return export_ledger(session, folder, at=at)


def moment(sessions):
    with sessions.read() as session:
        return session.scalar(select(func.max(Event.record_time)))


def rows(sessions, *tables):
    with sessions.read() as session:
        return [
            [
                tuple(getattr(row, column.key) for column in sa.inspect(table).columns)
                for row in session.scalars(
                    select(table).order_by(*sa.inspect(table).primary_key)
                )
            ]
            for table in tables
        ]


def contents(folder):
    return {file.name: (folder / file.name).read_bytes() for file in TABLE_FILES}


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_ledger_is_the_same_wherever_it_is_imported(
    filled, another, target, tmp_path
):
    now = moment(filled)
    elsewhere = another(target)

    out = written(filled, tmp_path / "out", now)
    done = import_ledger(elsewhere, tmp_path / "out", now=now)
    written(elsewhere, tmp_path / "again", now)

    assert (out.devices, out.events) == (4, 13)
    assert (done.devices, done.events, done.went_on_after) == (4, 13, 0)
    assert contents(tmp_path / "again") == contents(tmp_path / "out")
    assert rows(elsewhere, *SPANS) == rows(filled, *SPANS)
    with filled.read() as session, elsewhere.read() as other:
        assert heads(other) == heads(session)
        assert verify(other).mismatches == ()
        for tag in ("OXI-1", "OXI-2", "OXI-3", "KIT-1"):
            was = custody_as_of(session, find_device(session, tag), at=now)
            assert custody_as_of(other, find_device(other, tag), at=now) == was


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_an_imported_ledger_goes_on(filled, another, target, tmp_path):
    now = moment(filled)
    elsewhere = another(target)
    written(filled, tmp_path / "out", now)
    import_ledger(elsewhere, tmp_path / "out", now=now)

    with elsewhere.begin() as session:
        session.add(DeviceModel(code="NEW", maker="M", name="N", category="c"))
        transfer = Transfer(
            uid="after", devices=("OXI-3",), location="H-A", event_time=now
        )
        signature = Signature(station="NEW-DOCK", actor="TESTER", record_time=now)
        done = record_transfer(session, transfer, signature)

    assert done.event == 14
    with elsewhere.read() as session:
        assert verify(session).mismatches == ()


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_what_waits_and_waited_comes_along(filled, another, target, tmp_path):
    now = moment(filled)
    scans = [scanned(1, "\x1dNEVER, „seen“\n", now), scanned(2, r"\N", now)]
    by = Signature(station="DESK", actor="EVA", record_time=now)
    with filled.begin() as session:
        record_flag(
            session,
            ["OXI-3"],
            Flag.MISSING,
            raised=True,
            uid="lost",
            at=now,
            by=by,
            reason="not there",
        )
    record_scans(
        filled, [*scans, scanned(3, "OXI-3", now, "%C:MODE:IN")], now=now, idle=IDLE
    )
    with filled.begin() as session:
        resolve(session, "scan-2", "thrown away", uid="how", by=by)
    elsewhere = another(target)

    written(filled, tmp_path / "out", now)
    import_ledger(elsewhere, tmp_path / "out", now=now)
    verdicts = record_scans(elsewhere, scans, now=now, idle=IDLE)

    with filled.read() as session, elsewhere.read() as other:
        matters = list_matters(session, Which.ALL)
        assert list_matters(other, Which.ALL) == matters
        assert heads(other) == heads(session)
        assert verify(other).mismatches == ()
    assert [one.id for one in matters] == ["scan-1", "scan-2", "A-1"]
    assert [one.outcome for one in verdicts] == ["unknown", "unknown"]


def scanned(number, text, at, *cards):
    context = ""
    for card in cards:
        context = advance(context, card, at, idle=IDLE)
    return Scan(
        scan_id=f"scan-{number}",
        station="DOCK",
        station_seq=number,
        port="GUN",
        read_point="HORSENS",
        # Not together, as codes on one box.
        scanned_at=at + timedelta(minutes=number),
        raw=text.encode(),
        text=text,
        symbology="",
        context=context,
    )


def test_where_a_citizen_lives_is_not_exported(filled, tmp_path):
    written(filled, tmp_path / "out", moment(filled))

    with (tmp_path / "out" / "party.csv").open(encoding="utf-8", newline="") as file:
        lived = {row["code"]: row["municipality_code"] for row in csv.DictReader(file)}

    assert lived["CIT-1"] == r"\N"
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_an_interrupted_ledger_goes_on_without_doubles(
    filled, another, tmp_path, monkeypatch
):
    monkeypatch.setattr(ledger_import, "CHUNK_ROWS", 3)
    now = moment(filled)
    elsewhere = another("sqlite")
    written(filled, tmp_path / "out", now)
    calls = []

    def stop(done, total):
        # Half of it is looking the files through.
        calls.append(done - total // 2)
        if calls[-1] > total // 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_ledger(elsewhere, tmp_path / "out", now=now, progress=stop)
    done = import_ledger(elsewhere, tmp_path / "out", now=now)
    written(elsewhere, tmp_path / "again", now)

    assert done.went_on_after == calls[-1] > 0
    assert contents(tmp_path / "again") == contents(tmp_path / "out")


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_two_imports_of_one_ledger_at_once_do_not_both_go_on(
    filled, another, target, tmp_path, monkeypatch
):
    monkeypatch.setattr(ledger_import, "CHUNK_ROWS", 3)
    now = moment(filled)
    written(filled, tmp_path / "out", now)
    elsewhere, others = another(target), []

    def told(done, total):
        if done > total // 2 and not others:
            others.append(import_ledger(elsewhere, tmp_path / "out", now=now))

    with pytest.raises(TryLater) as error:
        import_ledger(elsewhere, tmp_path / "out", now=now, progress=told)

    assert str(error.value) == (
        "Somebody else is importing the same ledger just now. Wait until that is done."
    )
    assert others[0].events == 13
    with elsewhere.read() as session:
        assert verify(session).mismatches == ()


def test_a_ledger_comes_into_an_empty_database_only(filled, another, tmp_path):
    now = moment(filled)
    elsewhere = another("sqlite")
    written(filled, tmp_path / "out", now)

    with pytest.raises(Refused) as full:
        import_ledger(filled, tmp_path / "out", now=now)
    import_ledger(elsewhere, tmp_path / "out", now=now)
    with pytest.raises(Refused) as again:
        import_ledger(elsewhere, tmp_path / "out", now=now)

    assert str(full.value) == (
        "The database is not empty, and a ledger keeps its numbers. Make a new one:"
        " fsc --database PATH db upgrade"
    )
    assert str(again.value) == (
        f"This ledger was imported on {now:%Y-%m-%d %H:%M} UTC; nothing is left to do."
    )


@on_a_file
def test_a_ledger_is_not_written_over_anything(filled, tmp_path):
    with pytest.raises(Refused) as error:
        written(filled, tmp_path, moment(filled))

    assert str(error.value) == f"{tmp_path} is there already. Choose another name."


def change(folder, name, old, new, *, hidden):
    """Change a file, and with `hidden` its hash as well."""
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    if hidden:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest["files"][name]["sha256"] = digest
        (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@on_a_file
def test_of_a_changed_file_stands_where_it_was_changed(filled, another, tmp_path):
    elsewhere, folder, kept = another("sqlite"), tmp_path / "out", tmp_path / "errors"
    written(filled, folder, moment(filled))
    change(folder, "location.csv", "VAN-BO", "VAN-BQ", hidden=False)
    change(folder, "event.csv", ",object,", ",object,x", hidden=False)

    with pytest.raises(BadLedger) as error:
        import_ledger(elsewhere, folder, kept, now=None)

    assert str(error.value) == (
        f"Of the ledger in {folder} 3 lines are wrong, so nothing was imported. Export"
        f" it again. Every fault stands in {kept}."
    )
    with kept.open(encoding="utf-8", newline="") as file:
        told = list(csv.reader(file))
    changed = "It is not the file that was exported: manifest.json has another hash."
    assert told[:3] == [
        ["file", "line", "column", "error"],
        ["event.csv", "1", "", changed],
        ["event.csv", "2", "event_time", "It is not a moment, in microseconds since"
         " 1970."],
    ]  # fmt: skip
    assert told[3:] == [["location.csv", "1", "", changed]]
    assert rows(elsewhere, Party) == [[]]


@on_a_file
def test_errors_of_a_ledger_go_once_it_is_whole(filled, another, tmp_path):
    elsewhere, folder, kept = another("sqlite"), tmp_path / "out", tmp_path / "errors"
    written(filled, folder, moment(filled))
    right = (folder / "location.csv").read_bytes()
    change(folder, "location.csv", "VAN-BO", "VAN-BQ", hidden=False)
    faults_of(elsewhere, folder, kept)
    was_kept = kept.exists()

    (folder / "location.csv").write_bytes(right)
    import_ledger(elsewhere, folder, kept, now=moment(filled))

    assert was_kept
    assert not kept.exists()


def is_changed(line, event):
    return (
        f"event.csv, line {line}, hash: Station {event} is not as it was recorded: it,"
        " a row of it, or the hash before it was changed."
    )


@on_a_file
@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "location.csv",
            "VAN-BO",
            "VAN-BQ",
            [
                is_changed(5, "DOCK: event moved (4) about AA/L/1"),
                is_changed(6, "DOCK: event counted (5) about AA/L/1"),
                is_changed(9, "DEPOT-2: event late (1) about OXI-3"),
            ],
        ),
        (
            "event_line.csv",
            "2,1,4",
            "2,1,3",
            [is_changed(3, "DOCK: event kit (2) about OXI-1, OXI-2")],
        ),
        (
            "event_line.csv",
            "1,1,",
            "999,1,",
            ["event_line.csv, line 2, event_id: event.csv has no such row."],
        ),
    ],
)
def test_a_ledger_changed_with_its_hashes_is_found_as_well(
    filled, another, tmp_path, name, old, new, told
):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    change(folder, name, old, new, hidden=True)

    assert faults_of(another("sqlite"), folder) == told


@on_a_file
def test_how_a_device_is_registered_comes_along_and_is_proved(
    filled, another, tmp_path
):
    now, folder = moment(filled), tmp_path / "out"
    new = NewDevice(
        device="NEW-1", model="3230", serial="S-1", owner="MAKER", location="H-A"
    )
    by = Signature(station="GATE", actor="TESTER", record_time=now)
    with filled.begin() as session:
        event = add_device(session, new, by, at=now).event
    written(filled, folder, now)

    done = import_ledger(another("sqlite"), folder, now=now)
    change(folder, "device.csv", "S-1", "S-2", hidden=True)

    assert done.devices == 5
    assert faults_of(another("sqlite"), folder) == [
        f"event.csv, line 15, hash: Station GATE: event {event} (1) about NEW-1 is not"
        " as it was recorded: it, a row of it, the model, serial or owner of a device,"
        " or the hash before it was changed."
    ]


@on_a_file
def test_a_dry_run_reads_every_row_and_writes_none(filled, another, tmp_path):
    elsewhere, folder = another("sqlite"), tmp_path / "out"
    written(filled, folder, moment(filled))
    told = []

    tried = try_ledger(elsewhere, folder, progress=lambda *done: told.append(done))

    lines = sum(len(data.splitlines()) - 1 for data in contents(folder).values())
    assert (tried.events, tried.devices, tried.rows_left) == (13, 4, lines)
    assert told[-1] == (lines, lines)
    assert rows(elsewhere, Party, Event, ImportProgress) == [[], [], []]


def test_a_folder_without_a_ledger_is_told(another, tmp_path):
    with pytest.raises(BadInput) as missing:
        import_ledger(another("sqlite"), tmp_path, now=None)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(BadInput) as other:
        import_ledger(another("sqlite"), tmp_path, now=None)

    manifest = tmp_path / "manifest.json"
    assert str(missing.value) == (
        f"{manifest} cannot be read: No such file or directory."
    )
    assert str(other.value) == f"{manifest} is not that of an exported ledger."


def said_to_be_of(folder, revision):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["revision"] = revision
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


@on_a_file
@pytest.mark.parametrize("revision", ["0001", "9999"])
def test_a_ledger_of_another_revision_is_refused(filled, another, tmp_path, revision):
    now, folder = moment(filled), tmp_path / "out"
    written(filled, folder, now)
    said_to_be_of(folder, revision)

    with pytest.raises(BadInput) as error:
        import_ledger(another("sqlite"), folder, now=now)

    assert str(error.value).startswith(
        f"The ledger in {folder} was exported at revision {revision} and this fsc needs"
    )


@on_a_file
def test_a_ledger_from_before_something_else_changed_is_imported(
    filled, another, tmp_path
):
    now, folder = moment(filled), tmp_path / "out"
    written(filled, folder, now)
    said_to_be_of(folder, ledger_files.SAME_SINCE)

    assert import_ledger(another("sqlite"), folder, now=now).events == 13


def test_the_files_have_the_columns_of_the_revision_they_name():
    found = {}
    for revision in (ledger_files.SAME_SINCE, "0005"):
        headers = [[x.name, x.header] for x in ledger_files.files_at(revision)]
        found[revision] = hashlib.sha256(json.dumps(headers).encode()).hexdigest()[:16]

    # Where this fails, a column was changed: so is the revision its file begins at.
    assert found == {"0002": "80277b416fe01500", "0005": "f18e1337be782b57"}


def damaged(folder, name, damage):
    """Change a file's bytes, and its hash with them."""
    path = folder / name
    before = path.read_bytes()
    path.write_bytes(damage(before))
    assert path.read_bytes() != before
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    manifest["files"][name]["sha256"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def counted_as(folder, name, count):
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"][name]["rows"] = count
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def cell_changed(header, value, *, line=2):
    """Return how to put `value` into the column `header` of a line."""

    def change(data):
        rows = list(csv.reader(data.decode().splitlines()))
        rows[line - 1][rows[0].index(header)] = value
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue().encode()

    return change


WRONG_CELLS = {
    "party.csv": {"id": str(2**63 - 1), "kind": "wizard", "name": "A\0B"},
    "location.csv": {"kind": "cloud", "lat": "nan"},
    "device_model.csv": {"maker": r"\N"},
    "lot.csv": {"expires": "2027-02-30"},
    "kit_template.csv": {"moves_by": "magic"},
    "event.csv": {
        "kind": "miracle",
        "event_time": str(2**62),
        "biz_step": "dancing",
        "disposition": "elsewhere",
        "hash": "xyz",
        "condition": "shiny",
        "flag": "white",
        "raised": "2",
    },
    "error_declaration.csv": {"reason": "boredom"},
    "kit.csv": {"moves_by": "magic"},
    "line_declaration.csv": {"reason": "boredom"},
}


@on_a_file
def test_every_cell_that_means_nothing_is_found_on_its_line(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    for name, cells in WRONG_CELLS.items():
        for column, value in cells.items():
            damaged(folder, name, cell_changed(column, value))

    told = [fault.split(": ") for fault in faults_of(another("sqlite"), folder)]

    assert [where for where, _ in told] == [
        f"{name}, line 2, {column}"
        for name, cells in sorted(WRONG_CELLS.items())
        for column in cells
    ]
    texts = {text for _, text in told}
    assert {
        "It is empty, and is needed.",
        "It is not 0 or 1.",
        "It is not a day, as 2026-11-24.",
        "It is not a moment, in microseconds since 1970.",
        "It is not a number.",
        "It is not a text that a database holds.",
        "It is not a whole number that a database holds.",
        "It is not bytes in hexadecimal digits.",
        "It is not one of case, any, each.",
    } <= texts


@on_a_file
def test_rows_that_do_not_fit_together_are_found_on_their_lines(
    filled, another, tmp_path
):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    for name, column, value, line in (
        ("party.csv", "code", "DEPOT", 8),
        ("location.csv", "lat", "55.8", 9),
        ("location.csv", "keeper_id", "99", 10),
        ("event.csv", "uid", "first", 14),
        ("device.csv", "first_event", "99", 3),
        ("device.csv", "serial", "same", 4),
        ("device.csv", "serial", "same", 5),
        ("line_declaration.csv", "wrong_event_id", "2", 2),
    ):
        damaged(folder, name, cell_changed(column, value, line=line))

    # Of what names a wrong row (a place its keeper, an event line its device) nothing
    # is told: it is right once that one is.
    assert faults_of(another("sqlite"), folder) == [
        "device.csv, line 3, first_event: event.csv has no such row.",
        "device.csv, line 5, model_id serial: A line above says the same.",
        "event.csv, line 14, uid: A line above says the same.",
        "line_declaration.csv, line 2, wrong_event_id device_id: event_line.csv has no"
        " such row.",
        "location.csv, line 9: What its cells say does not go together.",
        "location.csv, line 10, keeper_id: party.csv has no such row.",
        "party.csv, line 8, code: A line above says the same.",
    ]


@on_a_file
def test_a_header_with_other_columns_is_told(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    damaged(folder, "party.csv", lambda data: data.replace(b"kind", b"sort", 1))
    damaged(folder, "lot.csv", lambda data: data.replace(b"id,article_id", b"id,id", 1))
    damaged(folder, "station.csv", lambda data: data.replace(b"id,code", b"code,id", 1))

    assert faults_of(another("sqlite"), folder) == [
        "lot.csv, line 1, article_id: The file lacks this column.",
        "lot.csv, line 1, id: The file has this column more than once.",
        "party.csv, line 1, kind: The file lacks this column.",
        "party.csv, line 1, sort: No such column is known.",
        "station.csv, line 1: The columns stand in this order: id, code.",
    ]


@on_a_file
def test_an_event_taken_out_of_its_chain_is_missed(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    for name in ("event.csv", "event_line.csv"):
        lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith("6,"))
        damaged(folder, name, lambda data, kept=kept: kept.encode())
        counted_as(folder, name, kept.count("\n") - 1)

    assert faults_of(another("sqlite"), folder) == [
        "event.csv, line 7, hash: Station DOCK: event 6 is missing.",
        is_changed(7, "DOCK: event home (7) about KIT-1, OXI-1, OXI-2"),
    ]


@on_a_file
def test_the_last_event_of_a_station_is_missed(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["stations"][0]["events"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")

    assert faults_of(another("sqlite"), folder) == [
        "manifest.json, line 1, stations: The last event it names of station DEPOT-2 is"
        " not that of the file."
    ]


@on_a_file
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_what_somebody_else_registers_meanwhile_is_told(
    filled, another, target, tmp_path, monkeypatch
):
    monkeypatch.setattr(ledger_import, "CHUNK_ROWS", 3)
    elsewhere, folder, others = another(target), tmp_path / "out", []
    written(filled, folder, moment(filled))

    def told(done, total):
        if done > total // 2 and not others:
            others.append("NEW")
            with elsewhere.begin() as session:
                session.add(Station(code="NEW"))

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=moment(filled), progress=told)

    assert str(error.value) == (
        "The database refuses rows of station.csv: something else came in meanwhile."
        " Import the ledger into a new one."
    )


@on_a_file
def test_a_line_that_is_not_utf_8_is_told_by_its_number(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    damaged(folder, "location.csv", lambda data: data.replace(b"VAN-BO", b"VAN-B\xd8"))
    before = (folder / "location.csv").read_bytes().split(b"\xd8")[0]
    line = before.count(b"\n") + 1

    assert faults_of(another("sqlite"), folder) == [
        f"location.csv, line {line}: From here on it cannot be read: no UTF-8."
    ]


@on_a_file
def test_rows_that_the_manifest_does_not_count_are_found(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    lines = (folder / "party.csv").read_bytes().splitlines(keepends=True)
    damaged(folder, "party.csv", lambda data: b"".join(lines[:-1]))

    assert faults_of(another("sqlite"), folder) == [
        "event.csv, line 7, custodian_id: party.csv has no such row.",
        "location.csv, line 3, keeper_id: party.csv has no such row.",
        f"party.csv, line {len(lines) - 1}: It ends with {len(lines) - 2} rows and"
        f" manifest.json says {len(lines) - 1}.",
    ]


@on_a_file
def test_of_a_row_that_was_removed_stands_where_it_is_missed(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))
    for name, missed in (
        ("event.csv", "event_line.csv, line 6, event_id: event.csv has no such row."),
        ("event_line.csv", "event.csv, line 2, hash: Station DOCK: event first (1)"),
    ):
        whole = (folder / name).read_bytes()
        lines = whole.splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[:2] + lines[3:]))

        told = faults_of(another("sqlite"), folder)
        (folder / name).write_bytes(whole)

        assert (
            f"{name}, line {len(lines) - 1}: It ends with {len(lines) - 2} rows and"
            f" manifest.json says {len(lines) - 1}."
        ) in told
        assert any(one.startswith(missed) for one in told)


@on_a_file
def test_lines_that_changed_places_are_told(filled, another, tmp_path):
    folder = tmp_path / "out"
    written(filled, folder, moment(filled))

    def exchanged(data):
        first, one, other, *more = data.splitlines(keepends=True)
        return b"".join((first, other, one, *more))

    damaged(folder, "event.csv", exchanged)

    assert faults_of(another("sqlite"), folder) == [
        "event.csv, line 3, id: A line above has a higher number: so they were not"
        " written."
    ]


@on_a_file
def test_a_manifest_of_another_form_is_refused_by_its_form(filled, another, tmp_path):
    now, folder = moment(filled), tmp_path / "out"
    written(filled, folder, now)
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": 99}))

    with pytest.raises(BadInput, match="not written in the form that this fsc reads"):
        import_ledger(another("sqlite"), folder, now=now)


@on_a_file
def test_a_manifest_that_says_what_cannot_be_is_refused(filled, another, tmp_path):
    now, folder, elsewhere = moment(filled), tmp_path / "out", another("sqlite")
    written(filled, folder, now)
    path = folder / "manifest.json"
    manifest, told = json.loads(path.read_text("utf-8")), []

    for said in (
        *({"rows": rows} for rows in (-1, "7", 7.0, True)),
        *({"sha256": digest} for digest in ("ab", "Z" * 64, None)),
    ):
        files = manifest["files"]
        changed = {**files, "party.csv": {**files["party.csv"], **said}}
        path.write_text(json.dumps({**manifest, "files": changed}), "utf-8")
        with pytest.raises(BadInput) as error:
            import_ledger(elsewhere, folder, now=now)
        told.append(str(error.value))

    assert told == [f"{path} is not that of an exported ledger."] * 7
