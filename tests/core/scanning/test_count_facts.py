"""What a screen is told, to count what was recorded since something was set."""

from fsc_logistics.domain.care import Flag
from scanner.scan import Outcome


def test_what_is_already_wrong_counts_as_already_so(dock):
    dock.say("OXI-1", Flag.RECALLED)
    dock.scan("%C:MODE:OUT", "%P:CIT-1", "OXI-1", "%C:OK")

    again = dock.scan("OXI-1")

    assert (again.outcome, again.facts["counts_as"]) == (Outcome.REFUSED, "already")


def test_what_is_set_says_since_when_and_what_changes_nothing_says_the_same(dock):
    begun = dock.scan("%C:MODE:OUT")
    goes = dock.scan("%P:ANNA")

    told = [dock.scan(text) for text in ("OXI-1", "%C:OK", "%C:WHO:ANNA")]

    assert begun.facts["since"] < goes.facts["since"]
    assert {it.facts["since"] for it in told} == {goes.facts["since"]}


def test_an_undo_says_what_became_of_the_scan_it_takes_back(dock):
    dock.say("OXI-1", Flag.RECALLED)
    out = dock.scan("%C:MODE:IN", "%L:H-A", "OXI-2", "%C:MODE:OUT", "%P:CIT-1", "OXI-1")
    recorded = dock.made[-1].scan_id

    stopped = dock.scan("%C:OK", "%C:UNDO")
    dock.scan("%C:MODE:IN", "%L:H-B", "OXI-2")
    good = dock.scan("%C:UNDO")

    assert (out.outcome, out.facts["counts_as"]) == (Outcome.REFUSED, "ok")
    assert stopped.facts["taken_back"] == recorded
    assert (stopped.facts["say"], stopped.facts["takes_back"]) == ("undone", "ok")
    assert (good.facts["say"], good.facts["takes_back"]) == ("undone", "ok")
