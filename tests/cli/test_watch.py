"""What the station screen says: the views, the letters, the words."""

import string

import pytest
from watching import MOVED, NOW, ago, habits, port, scan, state, texts, told

from fsc_logistics.cli.watch.letters import LETTERS, POINTS_HIGH, drawn, width_of
from fsc_logistics.cli.watch.picture import Look
from fsc_logistics.cli.watch.poster import Item, laid_out
from fsc_logistics.cli.watch.state import read_state
from fsc_logistics.cli.watch.view import view_of
from fsc_logistics.cli.watch.words import COUNTED, OUTCOMES, WORDS, WRONG, Word
from fsc_logistics.domain.anomalies import BAD_TONE
from fsc_logistics.domain.kits import Absent, write_wants
from scanner.scan import Outcome

OUT = {"mode": "OUT", "party": "ANNA"}


def view(*ports, language="en", watched=None, **changed):
    return view_of(state(*ports, **changed), NOW, habits(language, watched))


# What became of a scan


@pytest.mark.parametrize(
    ("said", "look", "large"),
    [
        (scan("ok", **MOVED), Look.OK, "✓ OXI-000007"),
        (scan("already", **MOVED), Look.ALREADY, "= OXI-000007"),
        (scan("set", mode="OUT", say="mode_out"), Look.SET, "OUT"),
        (scan("looked", **MOVED), Look.LOOKED, "OXI-000007"),
        (scan("unknown", "Nobody knows it."), Look.UNKNOWN, "? UNKNOWN"),
        (scan("refused", **MOVED), Look.REFUSED, "✗ OXI-000007"),
        (scan("stored"), Look.STORED, "SAVED 12"),
        (scan("not_saved"), Look.NOT_SAVED, "NOT SAVED"),
    ],
)
def test_each_outcome_has_a_look_of_its_own(said, look, large):
    shown = view(port(said, **OUT), waiting_count=12)

    assert shown.look is look
    assert texts(shown.picture)[0] == large


def test_a_move_shows_who_had_it_and_who_has_it_now():
    shown = view(port(scan("ok", **MOVED), **OUT))

    assert texts(shown.picture) == [
        "✓ OXI-000007",
        "DEPOT → ANNA",
        "RECORDED",
        "OXI-NONIN-3150  ·  DEPOT @ H-B-03 → ANNA @ VAN-ANNA",
    ]


def test_within_one_house_the_places_are_what_changed():
    facts = MOVED | {"after": "DEPOT @ H-C-01"}

    shown = view(port(scan("ok", **facts), mode="MOVE", place="H-C-01"))

    assert texts(shown.picture)[1] == "H-B-03 → H-C-01"


def test_why_a_device_cannot_go_out_is_told_with_who_has_it():
    facts = MOVED | {"before": MOVED["after"], "unfit": "recalled"}

    shown = view(port(scan("looked", **facts)))

    assert texts(shown.picture)[1:3] == ["ANNA @ VAN-ANNA", "recalled"]


def test_what_waited_says_so():
    shown = view(port(scan("ok", late=True, **MOVED), **OUT))

    assert texts(shown.picture)[-1].endswith("checked later")


def test_care_shows_the_condition_it_is_in_now():
    facts = MOVED | {"say": "cared_for", "condition": "cleaning"}

    shown = view(port(scan("ok", **facts), mode="CARE"), language="da")

    assert texts(shown.picture)[:2] == ["✓ OXI-000007", "TIL RENGØRING"]


def test_what_was_undone_is_not_said_to_be_recorded():
    facts = MOVED | {"say": "undone", "before": ""}

    shown = view(port(scan("ok", "Undone. OXI-000007: ANNA", **facts)))

    assert texts(shown.picture)[:3] == ["✓ OXI-000007", "ANNA @ VAN-ANNA", "UNDONE"]


def test_what_there_is_to_say_of_a_kit_stands_below():
    facts = MOVED | {"kit_words": "a part of KIT-000002"}

    shown = view(port(scan("ok", **facts), **OUT))

    assert texts(shown.picture)[-1].endswith("a part of KIT-000002")


WANTS = write_wants(
    [
        Absent(device="OXI-7", model="3230", custodian="A", location="B", flagged=True),
        Absent(
            device="OXI-8", model="3230", custodian=None, location=None, flagged=False
        ),
    ],
    {"3230": 2},
    {"352": 1},
)
MANGLER = (
    "OXI-7 mangler, sidst kendt: A @ B; OXI-8 er der ikke: ingen har haft det endnu;"
    " der mangler 2 3230; der er 1 352 for meget"
)


def test_what_a_kit_wants_when_it_is_built_is_told_in_the_language_of_the_screen():
    facts = {"say": "kit_wants", "device": "KIT-7", "wants": "x", "wanting": WANTS}
    done = scan("set", "Done. KIT-7 is not whole: x", **facts)

    shown = view(port(done), language="da")

    assert texts(shown.picture)[1] == f"Færdig. KIT-7 er ikke komplet: {MANGLER}."


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ("recalled cleaning", "tilbagekaldt, til rengøring"),
        ("untold", "i en tilstand, ingen har sagt noget om"),
    ],
)
def test_why_a_device_cannot_go_out_is_told_in_the_language_of_the_screen(codes, told):
    facts = MOVED | {"before": MOVED["after"], "unfit": codes}

    shown = view(port(scan("looked", **facts)), language="da")

    assert told in texts(shown.picture)


@pytest.mark.parametrize(
    ("kit", "told"),
    [
        ({"part_of": "KIT-7"}, "en del af KIT-7"),
        ({"parts_count": "1"}, "med 1 del"),
        ({"parts_count": "4"}, "med 4 dele"),
        ({"parts_count": "4", "kit_tag": "KIT-7"}, "med 4 dele og KIT-7"),
        ({"parts_count": "1", "wanting": WANTS}, f"med 1 del; {MANGLER}"),
    ],
)
def test_a_kit_is_told_of_in_the_language_of_the_screen(kit, told):
    shown = view(port(scan("ok", **MOVED, **kit), **OUT), language="da")

    assert texts(shown.picture)[-1].endswith(f"  ·  {told}")


def test_a_count_shows_how_many_of_how_many():
    facts = MOVED | {"say": "counted", "found": "12", "expected": "14", "place": "H"}

    shown = view(port(scan("ok", "12 of 14", **facts), mode="COUNT", place="H"))

    assert texts(shown.picture)[1] == "12 / 14"


@pytest.mark.parametrize(
    ("facts", "large"),
    [
        ({"say": "chosen", "target": "VAN-ANNA", "mode": "OUT"}, "VAN-ANNA"),
        ({"say": "care_set", "condition": "cleaning", "mode": "CARE"}, "TIL RENGØRING"),
        ({"say": "badge_set", "operator": "METTE", "mode": "LOOK"}, "METTE"),
        ({"say": "understood", "mode": "OUT"}, "OK"),
        ({"say": "mode_out", "mode": "OUT"}, "UD"),
        ({"say": "count_whole", "found": "4", "expected": "4"}, "4 / 4"),
    ],
)
def test_a_card_shows_what_it_has_set(facts, large):
    shown = view(port(scan("set", **facts), **OUT), language="da")

    assert texts(shown.picture)[0] == large


def test_danish_says_what_was_said_in_danish():
    refused = scan("refused", "Scan the place it moves to first.", say="move_where")

    shown = view(port(refused, mode="MOVE"), language="da")

    assert texts(shown.picture)[1] == "Scan først stedet, det flyttes til."


def test_a_reason_that_is_only_in_the_message_is_told_as_it_is():
    refused = scan("refused", "OXI-000007 is KIT-1's.", say="refused")

    shown = view(port(refused, **OUT), language="da")

    assert texts(shown.picture)[1] == (
        "Det kan ikke registreres sådan. OXI-000007 is KIT-1's."
    )


@pytest.mark.parametrize("facts", [{}, {"say": "of_a_later_version"}])
def test_a_saying_that_is_not_known_is_told_as_it_was_written(facts):
    shown = view(port(scan("unknown", "No such kit.", **facts)), language="da")

    assert texts(shown.picture)[1] == "No such kit."


# What comes before the last scan


def test_a_stop_stays_until_somebody_says_ok():
    facts = MOVED | {"say": "take_back", "rule": "recalled_handed_out"}
    why = scan("refused", "OXI-000007 is recalled.", 30, **facts)
    ignored = scan("refused", "Scan OK first.", 2, say="ok_first", device="OXI-000008")

    shown = view(port(ignored, why, held=True, **OUT))

    assert shown.look is Look.REFUSED
    assert texts(shown.picture) == [
        "STOP",
        "OXI-000007",
        "RECALLED",
        "OXI-000007 is recalled.",
        "SCAN OK",
    ]
    assert shown.hint == "Stop. Read what is wrong, then scan OK."


@pytest.mark.parametrize(
    ("language", "what", "why"),
    [
        ("en", "RECORDED", "Recorded all the same."),
        (
            "da",
            "REGISTRERET",
            "OXI-000007 må ikke gå ud, men er registreret som udleveret. Tag det"
            " tilbage: scan OK, og så FORTRYD eller IND.",
        ),
    ],
)
def test_what_is_recorded_all_the_same_is_not_said_to_be_refused(language, what, why):
    facts = MOVED | {"say": "take_back", "rule": "recalled_handed_out"}

    shown = view(
        port(scan("refused", "Recorded all the same.", **facts), **OUT),
        language=language,
    )

    assert shown.look is Look.REFUSED
    assert {what, why} <= set(texts(shown.picture))


def test_nothing_is_good_while_nothing_can_be_saved():
    shown = view(port(scan("ok", **MOVED), **OUT), is_saving=False)

    assert shown.look is Look.NOT_SAVED
    assert texts(shown.picture) == [
        "NOT SAVED",
        "Nothing can be saved on this machine: its disk is full or broken."
        " Stop scanning and call for help.",
    ]


def test_a_scanner_that_is_away_is_told_and_its_light_is_out():
    shown = view(port(scan("ok", **MOVED), is_open=False), port(name="DOCK-2"))

    assert shown.look is Look.AWAY
    assert texts(shown.picture) == [
        "SCANNER AWAY",
        "DOCK-1 does not answer. Check its cable and its power.",
    ]
    assert [(it.text, it.is_open, it.is_watched) for it in shown.lights] == [
        ("DOCK-1 away", False, True),
        ("DOCK-2", True, False),
    ]


def test_a_scan_before_the_break_says_nothing_after_it():
    shown = view(port(scan("ok", seconds=601, **MOVED), used_s=601, **OUT))

    assert (shown.look, texts(shown.picture)) == (Look.READY, ["READY"])
    assert texts(shown.mode) == ["LOOK", "nobody signed on"]


def test_without_a_service_the_screen_says_so():
    shown = view_of(None, NOW, habits("da"))

    assert shown.look is Look.AWAY
    assert texts(shown.picture)[0] == "TJENESTEN KØRER IKKE"


# What is set, counted and wrong elsewhere


def test_the_mode_shows_where_to_who_scans_and_how_long():
    shown = view(
        port(operator="METTE", reason="swap", mode="IN", place="H-B", used_s=5)
    )

    assert texts(shown.mode) == [
        "IN → H-B",
        "METTE",
        "swap  ·  back to LOOK in 9:55",
    ]
    assert shown.hint == "Scan what comes in."


def test_a_long_target_leaves_the_mode_large():
    shown = view(port(operator="METTE", mode="CARE", condition="quarantine"))

    assert shown.mode[0].short == "CARE"
    assert texts(shown.mode)[1] == "METTE  ·  back to LOOK in 9:55"


def test_the_tally_counts_and_tells_when_codes_were_unknown():
    counts = {"ok": 37, "already": 2, "unknown": 1}

    shown = view(port(scan("unknown", seconds=60), counts=counts, **OUT))

    assert shown.count == "37"
    assert shown.tally == (
        "recorded since 10:22",
        "2 there already, 1 unknown",
        "Unknown codes 10:29",
    )


def test_what_waits_and_what_failed_is_told_whatever_is_scanned():
    away = view(port(), house_away=True, waiting_count=3, failed_count=1)
    back = view(port(counts={"ok": 1}), waiting_count=2)

    assert away.alerts == (
        "Database away: 3 saved here, to be checked later",
        "1 failed: call for help",
    )
    # A moment after each scan one waits; that is no alarm.
    assert back.alerts == ()
    assert back.tally[1] == "2 waiting"


def test_of_several_scanners_the_last_used_is_shown():
    shown = view(port(scan("ok", seconds=9)), port(scan("ok"), name="DOCK-2"))

    assert shown.title == "DOCK-2 · HORSENS"


def test_one_that_was_told_to_stop_is_shown_before_the_last_used():
    shown = view(port(held=True, **OUT), port(scan("ok"), name="DOCK-2"))

    assert shown.title == "DOCK-1 · HORSENS"


def test_a_stop_at_another_scanner_is_told_where_one_was_chosen():
    shown = view(port(held=True, **OUT), port(name="DOCK-2"), watched="DOCK-2")

    assert shown.title == "DOCK-2 · HORSENS"
    assert shown.alerts == ("STOP at DOCK-1: somebody must scan OK there",)


def test_a_scanner_that_is_not_there_is_named_with_those_that_are():
    shown = view(port(), port(name="DOCK-2"), watched="GATE")

    assert texts(shown.picture) == ["NO SCANNER GATE", "There are: DOCK-1, DOCK-2"]


def test_a_service_without_scanners_is_no_riddle():
    assert texts(view().picture) == ["NO SCANNERS"]


@pytest.mark.parametrize(
    "wrong",
    [None, [], {}, told() | {"ports": [{"name": "P"}]}, told(port() | {"counts": 3})],
)
def test_a_state_of_another_form_is_refused(wrong):
    with pytest.raises(ValueError, match="tells its state in another form"):
        read_state(wrong)


# Letters and words


def test_every_letter_is_seven_points_high_and_even():
    assert {len(rows) for rows in LETTERS.values()} == {POINTS_HIGH}
    assert all(len({len(row) for row in rows}) == 1 for rows in LETTERS.values())
    assert all(set("".join(rows)) <= {"#", "."} for rows in LETTERS.values())


def test_no_two_letters_look_the_same():
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_codes_and_danish_can_be_drawn():
    assert set(string.ascii_uppercase + string.digits + "ÆØÅ-./:@→✓✗") <= set(LETTERS)


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_a_drawn_text_is_as_wide_as_is_said(scale):
    lines = drawn("OXI-000007", scale)

    assert {len(line) for line in lines} == {width_of("OXI-000007", scale)}


def test_two_points_are_one_character():
    assert drawn("I") == ["▀█▀", " █ ", " █ ", "▀▀▀"]


@pytest.mark.parametrize("key", ["take_back", "put_aside"])
@pytest.mark.parametrize("language", ["da", "en"])
def test_who_is_stopped_reads_the_tag_large_and_all_of_the_reason(key, language):
    facts = MOVED | {"say": key, "rule": "recalled_handed_out"}
    reason = "OXI-000007 is recalled, and was handed to CIT-000001." + " It is so." * 9

    stopped = port(scan("refused", reason, **facts), held=True, **OUT)
    shown = view(stopped, language=language)

    # So much is left for it in a terminal of 80 by 24.
    lines = [line.text for line in laid_out(shown.picture, 80, 11)]
    large = drawn("OXI-000007")
    assert [line.strip() for line in large] == [line.strip() for line in lines[4:8]]
    assert texts(shown.picture)[3] in " ".join(line.strip() for line in lines)


def test_a_poster_is_as_large_as_asked_and_never_larger():
    items = (Item("OXI-000007", 1), Item("who has it " * 30, 2), Item("ANNA", 3))

    for width in range(1, 200, 7):
        for height in range(1, 60, 5):
            lines = laid_out(items, width, height)
            assert len(lines) == height
            assert max(len(line.text) for line in lines) <= max(width, 2)


def test_the_most_important_is_largest_and_left_out_last():
    items = (Item("SECOND", 2), Item("FIRST", 1))

    assert laid_out(items, 80, 1)[0].text.strip() == "FIRST"
    five = [line.text.strip() for line in laid_out(items, 80, 5)]
    assert five[0] == "SECOND"
    assert five[1:] == [line.strip() for line in drawn("FIRST")]


def test_what_is_too_long_to_be_drawn_stands_written_above_what_is_drawn_for_it():
    item = Item("CARE QUARANTINE-AND-MORE", 1, short="CARE")

    lines = [line.text.strip() for line in laid_out([item], 40, 5)]

    assert lines == [
        "CARE QUARANTINE-AND-MORE",
        *(line.strip() for line in drawn("CARE")),
    ]


def test_every_word_is_there_in_every_language():
    assert set(WORDS) == set(OUTCOMES) == set(COUNTED) == set(WRONG) == {"da", "en"}
    for language in WORDS:
        assert set(WRONG[language]) == BAD_TONE
        assert set(WORDS[language]) == set(Word)
        assert set(OUTCOMES[language]) == set(Outcome)
        # What was only set is not counted.
        assert set(COUNTED[language]) == set(Outcome) - {Outcome.SET}
        assert all(WORDS[language].values())


def test_a_word_takes_the_same_facts_in_every_language():
    def facts(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {key: facts(text) for key, text in WORDS["da"].items()} == {
        key: facts(text) for key, text in WORDS["en"].items()
    }


# Several ports at one place of work


def test_a_stop_is_told_once_where_readers_follow_the_scanner_shown():
    stopped = {"mode": "OUT", "party": "ANNA", "held": True}
    tunnel = port(name="TUNNEL", follows="DOCK-1", **stopped)

    shown = view(port(scan("refused", **MOVED), **stopped), tunnel, watched="DOCK-1")

    assert shown.alerts == ()


def test_a_stop_elsewhere_is_told_once_and_of_the_scanner():
    stopped = {"mode": "OUT", "party": "ANNA", "held": True}
    desk = port(name="DESK", **stopped)
    tunnel = port(name="TUNNEL", follows="DESK", **stopped)

    shown = view(port(), desk, tunnel, watched="DOCK-1")

    assert shown.alerts == ("STOP at DESK: somebody must scan OK there",)


# The large number


@pytest.mark.parametrize(("set_s", "count"), [(60, "0"), (900, "37")])
def test_what_is_set_while_the_database_is_away_begins_at_nothing(set_s, count):
    shown = view(port(counts={"ok": 37}, since=ago(set_s), **OUT), house_away=True)

    assert shown.count == count
