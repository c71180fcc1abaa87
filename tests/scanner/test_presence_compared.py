"""Presence beside the obvious slow way: look at all reads of a tag, all over again."""

from fuzzing import fuzzed
from hypothesis import given
from hypothesis import strategies as st

from scanner.protocols.read import Read
from scanner.rfid.presence import Came, Left, Presence

WINDOW = 8
"""In ticks of the clock, which are whole so that no sum is off."""
END = 10_000

reads_of_few_tags = st.lists(
    st.tuples(st.sampled_from("ABC"), st.integers(0, 2 * WINDOW)), max_size=60
).map(
    lambda steps: [
        (text, sum(step for _, step in steps[: number + 1]))
        for number, (text, _) in enumerate(steps)
    ]
)


def slowly(reads, text, reads_min):
    """Return what happens to one tag: the moments it came, and was seen last."""
    moments = [at for it, at in reads if it == text]
    stays = []
    for at in moments:
        if stays and at - stays[-1][-1] <= WINDOW:
            stays[-1].append(at)
        else:
            stays.append([at])
    found = []
    for stay in stays:
        enough = [
            last
            for first, last in zip(stay, stay[reads_min - 1 :], strict=False)
            if last - first <= WINDOW
        ]
        if enough:
            found.append((enough[0], stay[-1]))
    return found


@fuzzed
@given(reads=reads_of_few_tags, reads_min=st.integers(1, 4))
def test_presence_is_what_the_slow_way_finds(reads, reads_min):
    presence = Presence(presence_s=WINDOW, reads_min=reads_min)
    came, left = [], []

    for text, at in reads:
        read = Read(raw=b"", text=text, symbology="")
        for event in presence.read(read, at):
            if isinstance(event, Came):
                came.append((text, at))
            elif isinstance(event, Left) and event.came is not None:
                left.append((event.text, event.seen_at_s))
    for event in presence.gone(END):
        if event.came is not None:
            left.append((event.text, event.seen_at_s))

    expected = {text: slowly(reads, text, reads_min) for text in "ABC"}
    assert sorted(came) == sorted(
        (text, at) for text, stays in expected.items() for at, _ in stays
    )
    assert sorted(left) == sorted(
        (text, last) for text, stays in expected.items() for _, last in stays
    )
    assert list(presence.gone(END)) == []


@fuzzed
@given(
    reads=st.lists(st.tuples(st.integers(0, 9), st.integers(0, WINDOW)), max_size=80)
)
def test_however_many_tags_come_no_more_are_kept_than_there_is_room_for(reads):
    presence = Presence(presence_s=WINDOW, reads_min=1, tags_max=3)
    there, at = set(), 0

    for number, step in reads:
        at += step
        read = Read(raw=b"", text=str(number), symbology="")
        for event in presence.read(read, at):
            if isinstance(event, Came):
                there.add(event.read.text)
            elif isinstance(event, Left):
                there.remove(event.text)
        assert len(there) <= 3
        assert str(number) in there
