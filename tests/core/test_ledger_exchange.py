"""The whole ledger out of one database and into another, on either engine."""

import csv
import hashlib
import io
import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.database import Sessions, make_engine
from fsc_logistics.core.devices.finding import find_device
from fsc_logistics.core.exchange import ledger_files, ledger_import
from fsc_logistics.core.exchange.ledger_export import export_ledger
from fsc_logistics.core.exchange.ledger_files import TABLE_FILES
from fsc_logistics.core.exchange.ledger_import import import_ledger, try_ledger
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.kits.templates import add_template
from fsc_logistics.core.ledger.answers import custody_as_of
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.checkpoints import heads, take_checkpoint
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.core.tables import (
    ConditionSpan,
    CustodySpan,
    DeviceModel,
    Event,
    ImportProgress,
    KitSpan,
    Party,
    StockSpan,
)
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause
from fsc_logistics.domain.errors import (
    BadInput,
    Refused,
    TryLater,
    VerificationFailed,
)
from fsc_logistics.domain.kits import MovesBy
from fsc_logistics.domain.quantities import Occasion

SPANS = (CustodySpan, KitSpan, ConditionSpan, StockSpan)


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
        calls.append(done)
        if len(calls) == 9:
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


def test_a_changed_file_is_found_before_anything_is_imported(filled, another, tmp_path):
    now, elsewhere, folder = moment(filled), another("sqlite"), tmp_path / "out"
    written(filled, folder, now)
    change(folder, "location.csv", "VAN-BO", "VAN-BQ", hidden=False)

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=now)

    assert str(error.value) == (
        f"{folder / 'location.csv'} is not the file that was exported. Nothing was"
        " imported; export the ledger again."
    )
    assert rows(elsewhere, Party) == [[]]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        (
            "location.csv",
            "VAN-BO",
            "VAN-BQ",
            "What was imported does not fit together: station DOCK: event moved (4)",
        ),
        (
            "device.csv",
            "OXI-2,",
            "OXI-9,",
            "What was imported does not fit together: station DOCK: event first (1)",
        ),
        (
            "event_line.csv",
            "1,1,",
            "999,1,",
            "event_line.csv does not fit the other files: the database refuses its"
            " rows. Export the ledger again, into a new database.",
        ),
        (
            "event.csv",
            ",object,",
            ",object,x",
            "event.csv, line 2: it is no row of such a file. Export the ledger again.",
        ),
    ],
)
def test_a_ledger_changed_with_its_hashes_is_found_as_well(
    filled, another, tmp_path, name, old, new, told
):
    now, elsewhere, folder = moment(filled), another("sqlite"), tmp_path / "out"
    written(filled, folder, now)
    change(folder, name, old, new, hidden=True)

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=now)

    assert str(error.value).startswith(told)


def test_a_dry_run_reads_every_row_and_writes_none(filled, another, tmp_path):
    elsewhere, folder = another("sqlite"), tmp_path / "out"
    written(filled, folder, moment(filled))
    told = []

    tried = try_ledger(elsewhere, folder, progress=lambda *done: told.append(done))

    lines = sum(len(data.splitlines()) - 1 for data in contents(folder).values())
    assert (tried.events, tried.devices, tried.rows_left) == (13, 4, lines)
    assert told[-1] == (lines, lines)
    assert rows(elsewhere, Party, Event, ImportProgress) == [[], [], []]


def test_a_dry_run_finds_the_line_that_is_no_row(filled, another, tmp_path):
    elsewhere, folder = another("sqlite"), tmp_path / "out"
    written(filled, folder, moment(filled))
    change(folder, "event.csv", ",object,", ",object,x", hidden=True)

    with pytest.raises(VerificationFailed) as error:
        try_ledger(elsewhere, folder)

    assert str(error.value) == (
        "event.csv, line 2: it is no row of such a file. Export the ledger again."
    )


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


def test_a_ledger_from_before_something_else_changed_is_imported(
    filled, another, tmp_path
):
    now, folder = moment(filled), tmp_path / "out"
    written(filled, folder, now)
    said_to_be_of(folder, ledger_files.SAME_SINCE)

    assert import_ledger(another("sqlite"), folder, now=now).events == 13


def test_the_files_have_the_columns_of_the_revision_they_name():
    columns = json.dumps(
        [[file.name, file.header] for file in ledger_files.TABLE_FILES]
    )

    # Where this fails, SAME_SINCE is the revision that changed a column.
    found = hashlib.sha256(columns.encode()).hexdigest()
    assert (ledger_files.SAME_SINCE, found[:16]) == ("0002", "80277b416fe01500")


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


def cell_changed(header, value, *, line=2):
    """Return how to put `value` into the column `header` of a line."""

    def change(data):
        rows = list(csv.reader(data.decode().splitlines()))
        rows[line - 1][rows[0].index(header)] = value
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue().encode()

    return change


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("party.csv", "kind", "wizard"),
        ("location.csv", "kind", "cloud"),
        ("kit.csv", "moves_by", "magic"),
        ("kit_template.csv", "moves_by", "magic"),
        ("event.csv", "kind", "miracle"),
        ("event.csv", "biz_step", "dancing"),
        ("event.csv", "disposition", "elsewhere"),
        ("event.csv", "condition", "shiny"),
        ("event.csv", "flag", "white"),
        ("error_declaration.csv", "reason", "boredom"),
        ("line_declaration.csv", "reason", "boredom"),
        ("party.csv", "id", str(2**63 - 1)),
        ("event.csv", "event_time", str(2**62)),
        ("lot.csv", "expires", "2027-02-30"),
    ],
)
def test_a_cell_that_means_nothing_is_found_on_its_line(
    filled, another, tmp_path, name, column, value
):
    now, elsewhere, folder = moment(filled), another("sqlite"), tmp_path / "out"
    written(filled, folder, now)
    damaged(folder, name, cell_changed(column, value))

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=now)

    assert str(error.value) == (
        f"{name}, line 2: it is no row of such a file. Export the ledger again."
    )


def test_a_cell_that_the_engine_refuses_is_told(filled, another, tmp_path):
    now, elsewhere, folder = moment(filled), another("postgresql"), tmp_path / "out"
    written(filled, folder, now)
    # PostgreSQL keeps no text with a zero in it.
    damaged(folder, "party.csv", cell_changed("name", "A\0B"))

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=now)

    assert str(error.value) == (
        "party.csv does not fit the other files: the database refuses its rows. Export"
        " the ledger again, into a new database."
    )


def test_a_line_that_is_not_utf_8_is_told_by_its_number(filled, another, tmp_path):
    now, elsewhere, folder = moment(filled), another("sqlite"), tmp_path / "out"
    written(filled, folder, now)
    damaged(folder, "location.csv", lambda data: data.replace(b"VAN-BO", b"VAN-B\xd8"))
    before = (folder / "location.csv").read_bytes().split(b"\xd8")[0]
    line = before.count(b"\n") + 1

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=now)

    assert str(error.value) == (
        f"location.csv, line {line}: it is not UTF-8. Export the ledger again."
    )


def test_rows_that_the_manifest_does_not_count_are_found(filled, another, tmp_path):
    now, elsewhere, folder = moment(filled), another("sqlite"), tmp_path / "out"
    written(filled, folder, now)
    lines = (folder / "party.csv").read_bytes().splitlines(keepends=True)
    damaged(folder, "party.csv", lambda data: b"".join(lines[:-1]))

    with pytest.raises(VerificationFailed) as error:
        import_ledger(elsewhere, folder, now=now)

    assert str(error.value) == (
        f"party.csv has {len(lines) - 2} rows and manifest.json says"
        f" {len(lines) - 1}. Export the ledger again, into a new database."
    )


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
