"""When the tags at a port are told of again."""

import time

import pytest

from scanner.protocols.read import Noise, Read, Reply
from scanner.rfid.field import Sighting
from scanner.rfid.tags import AGAIN_MAX_S, AGAIN_MIN_S, SET_S, Tags, Unsaved
from scanner.settings import PortSettings


@pytest.fixture
def now_s(monkeypatch):
    """The monotonic clock, to be set."""
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def seen(now_s):
    """Return how tags are seen now, and which are told of then."""
    port = PortSettings(
        name="P", url="loop://", read_point="R", protocol="rdm6300", presence_s=60.0
    )
    tags = Tags(port, Unsaved())

    def see(*texts, was_opened=False):
        reads = [Read(raw=text.encode(), text=text, symbology="") for text in texts]
        told = list(tags.sightings(reads, now_s[0], was_opened=was_opened))
        return [it.read.text if isinstance(it, Sighting) else it for it in told]

    see.tags = tags
    return see


def test_tags_come_again_once_it_is_set_what_they_mean(seen, now_s):
    assert seen("A") == ["A"]

    seen.tags.start_over()
    now_s[0] += SET_S
    assert seen("A", "B") == ["A", "B"]
    now_s[0] += SET_S
    assert seen("A", "B") == []


def test_until_the_last_card_is_scanned_tags_do_not_come_again(seen, now_s):
    seen("A")
    seen.tags.start_over()
    now_s[0] += SET_S / 2
    seen.tags.start_over()
    now_s[0] += SET_S / 2
    assert seen("A") == []
    now_s[0] += SET_S / 2

    assert seen("A") == ["A"]


def test_a_tag_that_came_after_it_was_set_what_it_means_does_not_come_again(
    seen, now_s
):
    seen("OLD")
    now_s[0] += 1.0
    seen.tags.start_over()
    now_s[0] += 0.1
    assert seen("NEW") == ["NEW"]

    now_s[0] += SET_S
    assert seen("NEW", "OLD") == ["OLD"]


def test_what_could_not_be_saved_is_offered_again_after_a_while(seen, now_s):
    seen.tags.offer_again("SCAN 1")
    now_s[0] += AGAIN_MIN_S / 2
    seen.tags.offer_again("SCAN 2")
    assert seen() == []

    now_s[0] += AGAIN_MIN_S / 2
    assert seen() == ["SCAN 1"]
    now_s[0] += AGAIN_MIN_S
    assert seen() == ["SCAN 2"]
    assert seen() == []


def waits(seen, now_s, count):
    """Return how long a scan that is never saved waits each time."""
    found = []
    for _ in range(count):
        seen.tags.offer_again("SCAN")
        begun_s = now_s[0]
        while not seen():
            now_s[0] += 0.5
        found.append(now_s[0] - begun_s)
    return found


def test_what_can_never_be_saved_is_offered_ever_more_seldom(seen, now_s):
    assert waits(seen, now_s, 7) == [1.0, 1.0, 2.0, 4.0, 8.0, AGAIN_MAX_S, AGAIN_MAX_S]


def test_once_a_scan_is_saved_others_are_offered_soon_again(seen, now_s):
    waits(seen, now_s, 7)

    seen.tags.saved()

    assert waits(seen, now_s, 1) == [AGAIN_MIN_S]


def test_what_else_a_reader_says_passes_by(seen, now_s):
    items = [Reply(b"x"), Noise.DAMAGED]

    assert list(seen.tags.sightings(items, now_s[0], was_opened=False)) == items


def test_a_reader_that_was_away_saw_nobody_leave(seen, now_s):
    seen("A")
    now_s[0] += 3600.0

    assert seen(was_opened=True) == []
    assert seen("A") == []
