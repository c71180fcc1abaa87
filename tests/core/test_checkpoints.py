"""Checkpoints, and what they show that a station's chain cannot show by itself.

The attacker owns the file or the server, takes every guard away, and makes the spans
anew, so that without a checkpoint there is nothing to be seen.
"""

import base64
import errno
import hashlib
import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from fsc_logistics.core.ledger.custody import record_transfer
from fsc_logistics.core.proof.checkpoints import CheckpointTaken, take_checkpoint
from fsc_logistics.core.proof.signing import (
    make_signing_key,
    read_public_key,
    read_signing_key,
)
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.domain.custody import Signature, Transfer
from fsc_logistics.domain.errors import BadInput, Misconfigured, Refused

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
HORSENS_TO_BO = ["VAN-ANNA", "HOME-CIT-1", "VAN-BO"]
NAMED = "the checkpoint of 2026-11-20 1{}:00:00 UTC"


def signed(hour, actor="EVA"):
    return Signature(
        station="DOCK", actor=actor, record_time=START + timedelta(hours=hour)
    )


def move(sessions, number, place, actor="EVA"):
    transfer = Transfer(
        uid=f"move-{number}",
        devices=("OXI-1",),
        location=place,
        event_time=START - timedelta(days=1) + timedelta(minutes=number),
    )
    with sessions.begin() as session:
        record_transfer(session, transfer, signed(0, actor))


def take(sessions, hour=0, key=None):
    with sessions.begin() as session:
        return take_checkpoint(session, signed(hour), key)


def found(sessions, *files, trusted=()):
    with sessions.read() as session:
        return verify(session, against=files, trusted=trusted).mismatches


def write(file, taken):
    said = asdict(taken) | {"taken_at": taken.taken_at.isoformat()}
    file.write_text(json.dumps(said), "utf-8")
    return file


def attack(sessions, *statements):
    """Run statements past triggers and references, then make the spans anew."""
    with sessions.engine.connect() as connection:
        if sessions.engine.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys = OFF")
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in raw.execute(triggers).fetchall():
                raw.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                raw.execute(statement)
            raw.commit()
            raw.execute("PRAGMA foreign_keys = ON")
        else:
            connection.execute(sa.text("SET session_replication_role = replica"))
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))
            connection.execute(sa.text("SET session_replication_role = origin"))
            connection.commit()
    with sessions.begin() as session:
        rebuild(session)


def cut_off(count):
    """Return the statements that take the newest events away, with all about them."""
    gone = (
        f"(SELECT id FROM event WHERE uid LIKE 'move-%' ORDER BY id DESC LIMIT {count})"
    )
    tables = ("custody_span", "condition_span", "event_line")
    return [
        *(f"DELETE FROM {table} WHERE event_id IN {gone}" for table in tables),
        f"DELETE FROM event WHERE id IN {gone}",
    ]


@pytest.fixture
def moved(centre):
    """The small centre's first event, and three moves after it."""
    for number, place in enumerate(HORSENS_TO_BO, start=1):
        move(centre, number, place)
    return centre


@pytest.fixture
def key(tmp_path):
    make_signing_key(tmp_path / "sign.pem")
    return read_signing_key(tmp_path / "sign.pem")


@pytest.fixture
def other_key(tmp_path):
    make_signing_key(tmp_path / "other.pem")
    return read_signing_key(tmp_path / "other.pem")


def test_a_checkpoint_can_be_checked_by_anybody(moved, key):
    first = take(moved, 1)
    second = take(moved, 2, key)

    digest = hashlib.sha256(second.text.encode()).digest()
    public = load_pem_public_key(second.public_key.encode())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(base64.b64decode(second.signature), digest)
    assert digest.hex() == second.hash
    assert json.loads(second.text) == {
        "actor": "EVA",
        "before": first.hash,
        "events": 4,
        "stations": [["DOCK", 4, second.stations[0].hash]],
        "taken_at": "2026-11-20T12:00:00+00:00",
    }
    assert (first.before, first.signature, first.public_key) == ("0" * 64, None, None)


def test_a_checkpoint_joins_the_heads_of_all_stations(moved):
    with moved.begin() as session:
        transfer = Transfer(
            uid="elsewhere", devices=("OXI-2",), location="H-B", event_time=START
        )
        record_transfer(session, transfer, replace(signed(0), station="ÅDAL"))

    taken = take(moved)

    heads = [(head.station, head.events) for head in taken.stations]
    assert (heads, taken.events) == ([("DOCK", 4), ("ÅDAL", 1)], 5)


def test_a_clock_that_went_back_takes_no_checkpoint_before_another(moved):
    take(moved, 3)

    assert take(moved, 1).taken_at == START + timedelta(hours=3)
    assert found(moved) == ()


def test_what_was_left_alone_is_proved(moved, key, tmp_path):
    files = [write(tmp_path / "1.json", take(moved, 1, key))]
    move(moved, 4, "H-B")
    files.append(write(tmp_path / "2.json", take(moved, 2, key)))
    move(moved, 5, "H-A")

    assert found(moved, *files, trusted=[key.public]) == ()


def test_checkpoints_taken_at_once_are_one_chain(moved):
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda _: take(moved), range(8)))

    assert len({one.before for one in taken}) == 8
    assert found(moved) == ()


def test_without_a_checkpoint_events_cut_off_cannot_be_seen(moved):
    attack(moved, *cut_off(2))

    assert found(moved) == ()


def test_events_cut_off_are_named(moved):
    take(moved, 0)
    attack(moved, *cut_off(2))

    assert found(moved) == (
        f"station DOCK: events 3 to 4, which {NAMED.format(0)} holds, are gone",
    )


def test_one_event_cut_off_is_named_by_the_last_that_holds_it(moved):
    take(moved, 1)
    take(moved, 2)
    move(moved, 4, "H-B")
    take(moved, 3)
    move(moved, 5, "H-A")
    attack(moved, *cut_off(2))

    assert found(moved) == (
        f"station DOCK: event 5, which {NAMED.format(3)} holds, is gone",
    )


def test_events_told_otherwise_with_every_hash_made_anew_are_named(moved):
    take(moved, 1)
    move(moved, 4, "H-B")
    take(moved, 2)
    attack(moved, *cut_off(3))
    for number, place in enumerate([*HORSENS_TO_BO[1:], "H-B"], start=2):
        move(moved, number, place, actor="SOMEBODY")

    assert found(moved) == (
        "station DOCK: event move-3 (4) is not the one, or does not follow from those,"
        f" that {NAMED.format(1)} holds",
    )


def test_who_rewrites_the_checkpoints_too_is_found_by_a_file(moved, tmp_path):
    file = write(tmp_path / "kept.json", take(moved, 1))
    attack(moved, *cut_off(2), "DELETE FROM checkpoint")
    take(moved, 1)

    assert found(moved) == ()
    assert found(moved, file) == (
        f"{NAMED.format(1)} in {file} is not among those of this ledger",
        f"station DOCK: events 3 to 4, which {NAMED.format(1)} in {file} holds, are"
        " gone",
    )


NOT_AS_TAKEN = (
    "{}: it does not say what it said when it was taken, or one before it was put in"
    " or taken away"
)
FIRST, SECOND, THIRD = (NOT_AS_TAKEN.format(NAMED.format(hour)) for hour in (1, 2, 3))
SECOND_ROW = "WHERE id = (SELECT min(id) + 1 FROM checkpoint)"
COLUMNS = "taken_at, actor, events, heads, hash"
CHECKPOINT_ATTACKS = {
    "its moment": (
        f"UPDATE checkpoint SET taken_at = taken_at + 1 {SECOND_ROW}",
        [SECOND],
    ),
    "who took it": (f"UPDATE checkpoint SET actor = 'BO' {SECOND_ROW}", [SECOND]),
    "how many events": (f"UPDATE checkpoint SET events = 3 {SECOND_ROW}", [SECOND]),
    "its heads": (f"UPDATE checkpoint SET heads = '[]' {SECOND_ROW}", [SECOND]),
    "heads that are none": (
        f"UPDATE checkpoint SET heads = '{{[' {SECOND_ROW}",
        [SECOND],
    ),
    "a head of no station": (
        f"""UPDATE checkpoint SET heads = '[["\\ud800", 1, "00"]]' {SECOND_ROW}""",
        [SECOND],
    ),
    "its hash": (
        "UPDATE checkpoint SET hash = (SELECT hash FROM event WHERE uid = 'first')"
        f" {SECOND_ROW}",
        [SECOND, THIRD],
    ),
    "one removed": (f"DELETE FROM checkpoint {SECOND_ROW}", [THIRD]),
    "the first removed": (
        "DELETE FROM checkpoint WHERE id = (SELECT min(id) FROM checkpoint)",
        [SECOND],
    ),
    "one inserted": (
        f"INSERT INTO checkpoint (id, {COLUMNS}) SELECT 0, taken_at, actor, events,"
        " heads, (SELECT hash FROM event WHERE uid = 'first') FROM checkpoint"
        f" {SECOND_ROW}",
        [SECOND, FIRST],
    ),
}


@pytest.mark.parametrize("name", CHECKPOINT_ATTACKS)
def test_a_checkpoint_that_was_touched_is_named(moved, name):
    statement, named = CHECKPOINT_ATTACKS[name]
    for hour in (1, 2, 3):
        take(moved, hour)

    attack(moved, statement)

    assert list(found(moved)) == named


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("signature = hash", "its signature is not of what it says"),
        ("signature = NULL", "half of its signature is gone"),
    ],
)
def test_a_signature_in_the_database_that_was_touched_is_named(
    moved, key, change, fault
):
    take(moved, 1, key)

    attack(moved, f"UPDATE checkpoint SET {change}")

    assert found(moved) == (f"{NAMED.format(1)}: {fault}",)


def test_what_another_key_signed_in_the_database_is_named(moved, key, other_key):
    take(moved, 1)
    take(moved, 2, key)
    take(moved, 3, other_key)

    assert found(moved, trusted=[key.public, other_key.public]) == ()
    assert found(moved, trusted=[key.public]) == (
        f"{NAMED.format(3)}: it is signed with another key than the one given",
    )


ALTERED = "it was altered after it was taken: its hash is not that of what it says"


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"events": 3}, ALTERED),
        ({"actor": "BO"}, ALTERED),
        ({"actor": "\ud800"}, ALTERED),
        ({"before": "no hash"}, ALTERED),
        ({"hash": "00" * 32}, ALTERED),
        ({"stations": []}, ALTERED),
        ({"taken_at": "2026-11-20T10:00:00"}, ALTERED),
        ({"text": "{}"}, ALTERED),
        (
            {"signature": base64.b64encode(bytes(64)).decode()},
            "its signature is not of what it says",
        ),
        ({"signature": "?"}, "its signature cannot be read"),
        ({"public_key": "?"}, "its signature cannot be read"),
        ({"public_key": None}, "half of its signature is gone"),
        (
            {"signature": None, "public_key": None},
            "it is not signed, and so proves nothing to who asks for a key",
        ),
    ],
)
def test_a_file_that_was_altered_says_so(moved, key, tmp_path, changed, fault):
    file = write(tmp_path / "kept.json", take(moved, 1, key))
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changed), "utf-8")

    assert found(moved, file, trusted=[key.public]) == (f"{file}: {fault}",)


def test_a_file_altered_and_signed_anew_is_signed_with_another_key(
    moved, key, other_key, tmp_path
):
    taken = take(moved, 1, key)
    file = write(tmp_path / "kept.json", forged(taken, other_key))

    assert found(moved, file, trusted=[key.public]) == (
        f"{file}: it is signed with another key than the one given",
    )


def forged(taken: CheckpointTaken, key) -> CheckpointTaken:
    """Return a checkpoint that says something else, whole in itself."""
    text = taken.text.replace('"actor":"EVA"', '"actor":"BO"')
    digest = hashlib.sha256(text.encode()).digest()
    pem = Ed25519PublicKey.from_public_bytes(key.public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return replace(
        taken,
        actor="BO",
        text=text,
        hash=digest.hex(),
        signature=base64.b64encode(key.sign(digest)).decode(),
        public_key=pem.decode(),
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "\x00", '{"taken_at": 3}', "[" * 100_000]
)
def test_what_is_no_checkpoint_is_refused(moved, tmp_path, text):
    file = tmp_path / "other.json"
    file.write_text(text)

    with pytest.raises(BadInput) as error:
        found(moved, file)

    assert str(error.value) == (
        f"{file} holds no checkpoint. Name a file that fsc ledger checkpoint -o wrote."
    )


@pytest.mark.parametrize(
    "head",
    [
        {"station": "DOCK", "events": 0, "hash": "00"},
        {"station": "DOCK", "events": -1, "hash": "00"},
        {"station": "\x1b[2J", "events": 1, "hash": "00"},
        {"station": "DOCK\x00", "events": 1, "hash": "00"},
        {"station": "\ud800", "events": 1, "hash": "00"},
    ],
)
def test_a_file_with_a_head_of_no_station_is_refused(moved, tmp_path, head):
    file = write(tmp_path / "kept.json", take(moved, 1))
    said = json.loads(file.read_text("utf-8")) | {"stations": [head]}
    file.write_text(json.dumps(said), "utf-8")

    with pytest.raises(BadInput) as error:
        found(moved, file)

    assert str(error.value) == (
        f"{file} holds no checkpoint. Name a file that fsc ledger checkpoint -o wrote."
    )


def test_a_file_that_is_not_there_is_refused(moved, tmp_path):
    with pytest.raises(BadInput) as error:
        found(moved, tmp_path / "gone.json")

    assert str(error.value) == (
        f"{tmp_path / 'gone.json'} cannot be read: No such file or directory."
    )


def test_a_key_is_for_its_owner_alone_and_never_written_over(tmp_path):
    file = tmp_path / "sign.pem"
    public = make_signing_key(file)
    before = file.read_bytes(), public.read_bytes()
    left_alone = (
        " is there already and is left alone: what was signed with that key is checked"
        " with it. Name another file."
    )

    with pytest.raises(Refused) as both:
        make_signing_key(file)
    public.rename(tmp_path / "moved.pub")
    with pytest.raises(Refused) as private:
        make_signing_key(file)

    assert str(both.value) == f"{public}{left_alone}"
    assert str(private.value) == f"{file}{left_alone}"
    assert (file.read_bytes(), (tmp_path / "moved.pub").read_bytes()) == before
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_public_key(tmp_path / "moved.pub") == read_signing_key(file).public


@pytest.mark.parametrize("written", [0, 1])
def test_a_full_disk_leaves_no_half_of_a_pair(tmp_path, monkeypatch, written):
    synced, file = [], tmp_path / "sign.pem"

    def full(handle):
        synced.append(handle)
        if len(synced) > written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Misconfigured) as error:
        make_signing_key(file)

    named = [file, tmp_path / "sign.pem.pub"][written]
    assert str(error.value) == f"{named} cannot be written: No space left on device."
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_key_is_refused(tmp_path):
    make_signing_key(tmp_path / "sign.pem")
    curve = generate_private_key(SECP256R1()).public_key()
    (tmp_path / "curve.pub").write_bytes(
        curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    told = []
    for read, name in (
        (read_signing_key, "sign.pem.pub"),
        (read_signing_key, "gone.pem"),
        (read_public_key, "sign.pem"),
        (read_public_key, "curve.pub"),
    ):
        with pytest.raises(Misconfigured) as error:
            read(tmp_path / name)
        told.append(str(error.value).replace(str(tmp_path), "."))

    no_public_key = (
        " does not hold a public Ed25519 key. Name the file that fsc ledger key create"
        " made, with .pub at its end."
    )
    assert told == [
        "./sign.pem.pub does not hold a private Ed25519 key without a passphrase. Make"
        " one with: fsc ledger key create FILE",
        "There is no key file ./gone.pem. Make one with: fsc ledger key create FILE",
        f"./sign.pem{no_public_key}",
        f"./curve.pub{no_public_key}",
    ]
