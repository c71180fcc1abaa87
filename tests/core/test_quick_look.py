"""The quick look tells what the long one tells, and leaves to it what it doubts."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from fsc_logistics.core.care.conditions import record_condition, record_flag
from fsc_logistics.core.corrections.declaring import declare_wrong
from fsc_logistics.core.devices.commissioning import add_device
from fsc_logistics.core.devices.new import NewDevice
from fsc_logistics.core.kits.membership import record_kit
from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof import quick_look, verification
from fsc_logistics.core.proof.batches import last_event, read_batch
from fsc_logistics.core.proof.chains import Links
from fsc_logistics.core.proof.columns import (
    EVENTS,
    FILLER,
    HASHED,
    HASHED_OF_DEVICE,
    HASHED_OF_LINE,
    LINES,
    REGISTERED,
)
from fsc_logistics.core.proof.fingerprints import SPANS, Sums, add_lines, add_spans
from fsc_logistics.core.proof.other_rows import other_rows
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.moves import record_receipt
from fsc_logistics.core.tables import (
    ConditionSpan,
    CustodySpan,
    Device,
    Event,
    FlagSpan,
    KitSpan,
    StockSpan,
)
from fsc_logistics.domain.care import Condition, Flag
from fsc_logistics.domain.custody import Signature, Transfer, WrongBecause
from fsc_logistics.domain.quantities import Occasion

START = datetime(2026, 1, 2, 8, tzinfo=UTC)


def at(hour):
    return START + timedelta(hours=hour)


def signed(hour, station="DOCK"):
    return Signature(station=station, actor="TESTER", record_time=at(hour))


@pytest.fixture
def told(centre):
    """A ledger with rows of every kind, of two stations, and words of every length."""
    with centre.begin() as session:
        record_kit(session, ["OXI-2"], kit="KIT-1", uid="kit", at=START, by=signed(0))
        for hour, place in enumerate(["VAN-ANNA", "HOME-CIT-1", "VAN-BO"], start=1):
            move(session, hour, place, "OXI-1", "OXI-3", station=f"DÅCK-{hour % 2}")
        said = {"by": signed(4), "at": at(4), "reason": "Æsken er våd"}
        devices = ["OXI-1", "OXI-3"]
        record_condition(session, devices, Condition.REPAIR, uid="wet", **said)
        record_flag(session, devices, Flag.RECALLED, raised=True, uid="flag", **said)
        for uid, wrong in (("all", []), ("one", ["OXI-3"])):
            declare_wrong(
                session,
                "move-3" if wrong else "move-2",
                signed(5),
                reason=WrongBecause.DID_NOT_OCCUR,
                declaration_uid=uid,
                devices=wrong,
            )
        add_article(session, Consumable(article="CUFF-M", name="Cuff", unit="piece"))
        occasion = Occasion(uid="came", at=at(6), day=date(2026, 1, 2))
        ways = {"by": signed(6), "origin": "MAKER-DK", "target": "H-A"}
        record_receipt(session, "CUFF-M/L1", 10, occasion=occasion, **ways)
        occasion = Occasion(uid="counted", at=at(7), day=date(2026, 1, 2))
        counts = [("CUFF-M/L1", 9)]
        record_count(session, "H-A", counts, occasion=occasion, by=signed(7))
        for tag, serial in (("OXI-4", "Å-4"), ("OXI-5", None)):
            said = {"model": "3230", "owner": "MAKER", "location": "H-A"}
            new = NewDevice(device=tag, serial=serial, **said)
            add_device(session, new, signed(8), at=at(8))
    return centre


def move(session, hour, place, *tags, station):
    transfer = Transfer(
        uid=f"move-{hour}", devices=tags, location=place, event_time=at(hour)
    )
    record_transfer(session, transfer, signed(hour, station))


def test_a_ledger_that_is_sound_is_told_by_the_quick_look_alone(told, monkeypatch):
    for long_look in ("read_batch", "add_spans"):
        monkeypatch.delattr(verification, long_look)

    with told.read() as session:
        found = verify(session)
    assert found.mismatches == ()
    assert (found.events, found.devices, found.spans) == counted(told)


def test_both_looks_say_the_same_of_lines_and_of_spans(told):
    with told.read() as session:
        last = last_event(session)
        quick, long = Sums(7, 6), Sums(7, 6)
        quick_links, long_links = Links(session), Links(session)
        batch = read_batch(session, 1, last, lines=16)

        codes = quick_look.room_for_codes(8)
        assert quick_look.count_sound(quick_links, quick, codes, 1, last)
        assert list(long_links.mismatches(batch)) == []
        add_lines(long, session, batch)

        assert quick_links.heads == long_links.heads
        assert quick.sums == long.sums
        assert any(quick.sums)
        for chain in SPANS:
            quick, long = Sums(7, 6), Sums(7, 6)
            assert quick_look.count_linked(quick, session, chain, 1, 6)
            add_spans(long, session, chain, 1, 6)
            assert quick.sums == long.sums
            assert any(quick.sums)
            assert quick.marked == long.marked == set()


def test_no_character_can_be_changed_unseen(told):
    with told.read() as session:
        last = last_event(session)
        events = EVENTS.read(session, 1, last).of(HASHED)
        lines = LINES.read(session, 1, last).of(HASHED_OF_LINE)
        new = REGISTERED.read(session, 1, last).of(HASHED_OF_DEVICE)
        others, links = other_rows(session, 1, last), Links(session)
        codes = quick_look.room_for_codes(8)
        assert quick_look.count_sound(links, Sums(7, 6), codes, 1, last)

    def is_chained(events, lines, new, registering=2):
        rest = ({}, links.codes, lambda *_: (0, bytes(32)), sha256())
        return quick_look.compiled.is_chained(
            events, lines, new, registering, FILLER, others, codes.given, *rest
        )

    assert is_chained(events, lines, new)
    for changed in altered(events):
        assert not is_chained(changed, lines, new)
    for changed in altered(lines):
        assert not is_chained(events, changed, new)
    for changed in altered(new):
        assert not is_chained(events, lines, changed)
    assert not is_chained(events, lines, new, registering=3)


@pytest.mark.parametrize("room", [4, 1 << 6])
def test_codes_that_have_no_place_and_those_that_are_too_long_are_known_too(
    centre, room
):
    tags = ["OXI-1", "OXI-2", "OXI-3", *(f"{n}-".ljust(40, "X") for n in range(6))]
    with centre.begin() as session:
        for tag in tags[3:]:
            new = NewDevice(device=tag, model="3230", owner="DEPOT", location="H-A")
            add_device(session, new, signed(0, "DOCK"), at=START)
        for hour, tag in enumerate(tags * 2, start=1):
            move(session, hour, "VAN-BO" if hour % 2 else "H-A", tag, station="DOCK")

    with centre.read() as session:
        codes = quick_look.room_for_codes(room)
        for first in range(1, last_event(session) + 1, 5):
            links, sums = Links(session), Sums(7, len(tags))
            assert quick_look.count_sound(links, sums, codes, first, first + 4)


def test_a_code_that_could_be_taken_for_several_is_not_kept():
    look, table = quick_look.compiled, quick_look.room_for_codes(4).devices.table

    assert look.wanted(table, 1, (2, ("5\x1e6",))) == [5, 6]
    assert look.keep(table, 1, [(5, "OXI-5"), (6, "OXI\x1e6")]) == {}
    assert look.wanted(table, 2, (2, ("5\x1e6",))) == [6]


def test_codes_that_were_foreseen_are_not_asked_for(told):
    codes = quick_look.room_for_codes(8)
    with told.read() as session:
        quick_look.foresee(codes, session, 6)

    table = codes.devices.table
    assert quick_look.compiled.wanted(
        table, 1, (7, ("1\x1e2\x1e3\x1e4\x1e5\x1e6\x1e7",))
    ) == [7]


@pytest.mark.parametrize(
    ("numbers", "tags"),
    [
        ("5\x1e6", "OXI-5\x1eOXI-6\x1eOXI-7"),
        ("5\x1e6", "OXI-5"),
        ("5", "OXI-5\x1eOXI-6"),
        ("5\x1eX", "OXI-5\x1eOXI-6"),
        ("5\x1e6", f"{'X' * 40}\x1eOXI\x1f6"),
    ],
)
def test_columns_that_do_not_fit_foresee_nothing_wrong(numbers, tags):
    look, table = quick_look.compiled, quick_look.room_for_codes(4).devices.table

    look.foresee(table, (2, (numbers, tags)))

    assert 6 in look.wanted(table, 1, (2, ("5\x1e6",)))


def test_a_code_that_is_foreseen_and_too_long_is_asked_for():
    look, table = quick_look.compiled, quick_look.room_for_codes(4).devices.table

    assert look.foresee(table, (2, ("5\x1e6", f"{'X' * 40}\x1eOXI-6")))

    assert look.wanted(table, 1, (2, ("5\x1e6",))) == [5]


def test_a_module_compiled_at_another_time_is_not_used(monkeypatch):
    assert quick_look.load() is quick_look.compiled is not None

    monkeypatch.setattr(quick_look, "MADE_FOR", 0)

    assert quick_look.load() is None


def counted(sessions):
    """Return how many events, devices and spans there are."""
    tables = (CustodySpan, KitSpan, ConditionSpan, FlagSpan, StockSpan)
    with sessions.read() as session:
        events, devices, *spans = (
            session.scalar(select(func.count()).select_from(table))
            for table in (Event, Device, *tables)
        )
    return events, devices, sum(spans)


def altered(read):
    """Yield columns with one character changed, taken away or put in."""
    rows, columns = read
    for number, column in enumerate(columns):
        for place in range(len(column) + 1):
            before, here, after = (
                column[:place],
                column[place:][:1],
                column[place + 1 :],
            )
            for middle in ("", "7", "\x1d", "\x1e", "\x1f", here + "\x1e"):
                one = (before + middle + after,)
                if middle != here:
                    yield rows, columns[:number] + one + columns[number + 1 :]
