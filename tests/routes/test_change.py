import pytest

from routes.changes.by_hand import NotPossible, inserted, locked, moved, read, swapped
from routes.changes.slots import parts, slots
from routes.check import violations
from routes.drafting.difference import difference
from routes.drafting.draft import Board
from routes.plan import Plan, StopKind
from routes.problem import (
    Break,
    Halt,
    Link,
    Problem,
    Reload,
    Shipment,
    TimeWindow,
    Visit,
)


@pytest.fixture
def drafted(problem, technician):
    """A draft: visits at places, by technician; anna and bo unless others are said."""

    def make(*visits, links=(), technicians=None, **rows):
        two = technicians or (technician("anna"), technician("bo"))
        plain = problem(*visits, technicians=two)
        asked = Problem(
            technicians=two, visits=visits, matrices=plain.matrices, links=links
        )
        board = Board(asked)
        orders = {
            id_: tuple(board.task_of[StopKind.JOB, name] for name in row.split())
            for id_, row in rows.items()
        }
        draft = board.draft(orders)
        assert draft is not None
        return draft

    return make


def row(draft, technician):
    return [task.id for task in draft.orders.get(technician, ())]


def begin(draft, visit):
    return next(
        stop.service_start_s
        for route in draft.routes.values()
        for stop in route.stops
        if stop.id == visit
    )


def wrong(draft):
    return violations(draft.board.problem, draft.plan())


def test_a_visit_more_goes_where_it_costs_least_and_the_rest_is_later(drafted, visit):
    before = drafted(
        visit("far", 20),
        visit("new", 10, service_s=600),
        visit("bos", 3),
        anna="far",
        bo="bos",
    )

    after = inserted(before, "new")

    assert row(after, "anna") == ["new", "far"]
    told = difference(before.plan(), after.plan())
    assert told.extra == 0
    assert [(one.id, one.before, one.after, one.moved_s) for one in told.shifts] == [
        ("new", None, "anna", 0),
        ("far", "anna", "anna", 600),
    ]
    assert wrong(after) == ()


def test_of_all_places_none_is_cheaper(drafted, visit, hours):
    visits = [visit(str(n), 7 * n % 40, service_s=900) for n in range(1, 9)]
    new = visit("new", 33, service_s=900, windows=(hours(9, 11),))
    before = drafted(*visits, new, anna="1 2 3 4", bo="5 6 7 8")

    after = inserted(before, "new")

    by_hand = []
    for id_ in ("anna", "bo"):
        for place in range(1, 6):
            board = before.board
            tasks = list(before.orders[id_])
            tasks.insert(place - 1, board.task_of[StopKind.JOB, "new"])
            draft = before.changed({id_: tuple(tasks)})
            by_hand += [] if draft is None else [draft.cost]
    assert after.cost == min(by_hand)


def test_a_preferred_technician_may_be_worth_a_detour(drafted, visit):
    new = visit("new", 10, preferred=frozenset({"bo"}), preferred_price=2000)
    before = drafted(visit("far", 20), new, anna="far")

    assert row(inserted(before, "new"), "bo") == ["new"]


def test_a_visit_for_two_goes_to_two(drafted, visit):
    before = drafted(
        visit("far", 20, service_s=600), visit("heavy", 10, people=2), anna="far"
    )

    after = inserted(before, "heavy")

    assert row(after, "anna") == ["heavy", "far"]
    assert row(after, "bo") == ["heavy"]


def test_a_linked_visit_brings_the_other_with_it(drafted, visit):
    before = drafted(
        visit("one", 5, service_s=600),
        visit("two", 6),
        visit("far", 20),
        links=(Link(first="one", second="two", least_s=3600),),
        anna="far",
    )

    after = inserted(before, "one")

    assert begin(after, "two") - begin(after, "one") >= 600 + 3600


def test_a_place_that_the_wait_for_others_forbids_is_not_taken(drafted, visit, hours):
    before = drafted(
        visit("one", 5, service_s=600),
        visit("two", 5, windows=(hours(8, 8.3),)),
        visit("new", 4, service_s=600),
        links=(Link(first="one", second="two"),),
        anna="one",
        bo="two",
    )

    after = inserted(before, "new")

    assert row(after, "anna") == ["one", "new"]


def test_what_fits_nowhere_is_refused_with_its_reason(drafted, visit):
    before = drafted(visit("v", 1, skills=frozenset({"nurse"})))

    with pytest.raises(NotPossible) as refused:
        inserted(before, "v")

    assert str(refused.value) == "Visit v does not fit. Nobody has the skill nurse."


def test_what_is_in_the_plan_is_not_put_in_again(drafted, visit):
    with pytest.raises(NotPossible, match="Visit v is in the plan already"):
        inserted(drafted(visit("v", 1), anna="v"), "v")


def test_a_visit_is_moved_where_it_costs_least_or_where_one_says(drafted, visit):
    before = drafted(visit("a", 10), visit("b", 20), visit("c", 5), anna="a b", bo="c")

    assert row(moved(before, "c", "anna"), "anna") == ["c", "a", "b"]
    assert row(moved(before, "c", "anna", place=3), "anna") == ["a", "b", "c"]
    assert row(moved(before, "a", "anna", place=2), "anna") == ["b", "a"]
    assert "bo" not in moved(before, "c", "anna").routes


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({"skills": frozenset({"x"})}, "bo, who would do v, has not the skill x"),
        ({"forbidden": frozenset({"bo"})}, "bo, who would do v, is forbidden"),
        ({"deliver": (2,)}, "bo has no room in the car"),
    ],
)
def test_a_move_that_breaks_a_rule_is_refused_in_words(
    drafted, visit, technician, others, told
):
    two = (
        technician("anna", skills=frozenset({"x"}), capacity=(2,)),
        technician("bo", capacity=(1,)),
    )
    before = drafted(visit("v", 1, **others), technicians=two, anna="v")

    with pytest.raises(NotPossible) as refused:
        moved(before, "v", "bo")

    assert str(refused.value) == f"That is not possible: {told}."


def test_a_move_that_makes_something_late_says_what_and_by_how_much(
    drafted, visit, hours
):
    before = drafted(
        visit("long", 1, service_s=3600),
        visit("early", 1, windows=(hours(8, 8.5),)),
        anna="early long",
    )

    with pytest.raises(NotPossible) as refused:
        moved(before, "early", "anna", place=2)

    assert str(refused.value) == (
        "That is not possible: anna comes 31 minutes late to early."
    )


def test_a_day_that_gets_too_long_says_so(drafted, visit):
    before = drafted(
        visit("a", 1, service_s=5 * 3600),
        visit("b", 2, service_s=5 * 3600),
        anna="a",
        bo="b",
    )

    with pytest.raises(NotPossible, match=r": anna ends 124 minutes after 16:00\.$"):
        moved(before, "b", "anna")


def test_half_of_a_link_is_not_moved_to_somebody_else(drafted, visit):
    before = drafted(
        visit("one", 1),
        visit("two", 2),
        links=(Link(first="one", second="two", same_person=True),),
        anna="one two",
    )

    with pytest.raises(NotPossible) as refused:
        moved(before, "two", "bo")

    assert str(refused.value) == (
        "That is not possible: visits one and two are for the same person."
    )


def test_a_visit_for_two_is_not_moved_by_hand(drafted, visit):
    before = drafted(visit("v", 1, people=2), anna="v", bo="v")

    with pytest.raises(NotPossible, match="Visit v takes two people"):
        moved(before, "v", "anna")


def test_two_visits_change_places(drafted, visit):
    before = drafted(visit("a", 1), visit("b", 2), visit("c", 3), anna="a b", bo="c")

    after = swapped(before, "a", "c")

    assert (row(after, "anna"), row(after, "bo")) == (["c", "b"], ["a"])
    assert row(swapped(before, "a", "b"), "anna") == ["b", "a"]
    assert wrong(after) == ()


def test_a_plan_that_breaks_a_rule_is_not_worked_on(drafted, visit, technician):
    free = drafted(visit("v", 1), anna="v")
    strict = Problem(
        technicians=(technician("anna", tasks_max=0),),
        visits=(visit("v", 1),),
        matrices=free.board.problem.matrices,
    )

    with pytest.raises(NotPossible) as refused:
        read(strict, free.plan())

    assert str(refused.value) == (
        "That is not possible: anna has more tasks than allowed."
    )


def test_what_is_locked_stays_and_the_plan_with_it(drafted, visit):
    before = drafted(visit("a", 1), visit("b", 2), anna="a b")

    problem = locked(before, ["b"], moment=True)

    again = read(problem, before.plan())
    assert again.cost == before.cost
    with pytest.raises(NotPossible, match="bo, who would do b, is not among those"):
        moved(again, "b", "bo")
    assert begin(moved(again, "b", "anna", place=1), "b") == begin(before, "b")


def test_slots_are_timed_and_the_cheapest_comes_first(drafted, visit, hours):
    new = visit("new", 21, windows=(hours(8, 9), hours(10, 11), hours(14, 15)))
    before = drafted(
        visit("morning", 20, windows=(hours(8, 9),)),
        visit("noon", 1, windows=(hours(12, 13),)),
        new,
        anna="morning noon",
    )

    found = slots(before, "new")

    assert [one.window.opens_s // 3600 for one in found] == [8, 10, 14]
    assert [one.extra for one in found] == [120, 120, 2400]
    for one in found:
        board = Board(_only(before.board.problem, one.window))
        again = board.draft(
            {
                id_: tuple(board.task_of[t.kind, t.id] for t in tasks)
                for id_, tasks in before.orders.items()
            }
        )
        assert inserted(again, "new").cost - before.cost == one.extra
        assert begin(inserted(again, "new"), "new") == one.begin_s


def _only(problem, window):
    visits = tuple(
        Visit(id=one.id, place=one.place, windows=(window,)) if one.id == "new" else one
        for one in problem.visits
    )
    return Problem(
        technicians=problem.technicians, visits=visits, matrices=problem.matrices
    )


def test_slots_over_several_days_are_of_those_who_work_then(drafted, visit, technician):
    day_s = 86400
    days = tuple(
        technician(
            f"anna {n}",
            person="anna",
            shift=TimeWindow(n * day_s + 8 * 3600, n * day_s + 16 * 3600),
        )
        for n in range(3)
    )
    asked = tuple(
        TimeWindow(n * day_s + 9 * 3600, n * day_s + 10 * 3600) for n in range(3)
    )
    before = drafted(visit("v", 5, windows=asked), technicians=days)

    found = slots(before, "v", count=2)

    assert [one.technician for one in found] == ["anna 0", "anna 1"]
    assert [one.begin_s for one in found] == [9 * 3600, day_s + 9 * 3600]


def test_a_full_window_is_not_offered(drafted, visit, technician, hours):
    busy = drafted(
        visit("long", 1, service_s=4 * 3600, windows=(hours(8, 9),)),
        visit("new", 1, service_s=60, windows=(hours(9, 10), hours(14, 15))),
        technicians=(technician("anna"),),
        anna="long",
    )

    assert [one.window for one in slots(busy, "new")] == [hours(14, 15)]


def test_windows_are_cut_into_offers(hours):
    cut = list(parts([hours(8, 9.5)], 3600))

    assert cut == [TimeWindow(28800, 32399), TimeWindow(32400, 34200)]


def test_windows_are_not_cut_into_more_than_can_be_looked_at(hours):
    text = "The windows make 525601 offers of that length, and at most 2016 are looked"

    with pytest.raises(ValueError, match=f"^{text} at. Ask for longer ones.$"):
        list(parts([hours(0, 24 * 365)], 60))


def test_what_has_no_windows_is_offered_when_anybody_works(
    drafted, visit, technician, hours
):
    some = (
        technician("anna", shift=hours(8, 12)),
        technician("bo", shift=hours(10, 16)),
        technician("eve", shift=hours(18, 20)),
    )

    found = slots(drafted(visit("v", 1), technicians=some), "v")

    assert [one.window for one in found] == [hours(8, 16), hours(18, 20)]


def test_a_shipment_of_the_same_id_is_not_the_visit_that_is_offered(
    problem, visit, technician, hours
):
    shipment = Shipment(id="7", pickup=Halt(place=1), delivery=Halt(place=9))
    anna = technician("anna", end=9)
    new = visit("7", 2, windows=(hours(9, 10),))
    board = Board(problem(shipment, new, technicians=(anna,)))
    pickup, delivery = (
        board.task_of[kind, "7"] for kind in (StopKind.PICKUP, StopKind.DELIVERY)
    )

    (offer,) = slots(board.draft({"anna": (pickup, delivery)}), "7")

    assert offer.begin_s == 9 * 3600
    assert [one.kind for one in offer.shifts] == [StopKind.PICKUP, StopKind.DELIVERY]


def test_a_reload_where_nobody_may_is_passed_over(problem, visit, technician):
    anna = technician("anna", reload=Reload(places=(0,)))
    board = Board(problem(visit("v", 1), technicians=(anna,)))

    rows = board.rows({"anna": [(StopKind.RELOAD, "999"), (StopKind.JOB, "v")]})

    assert rows["anna"] == (board.task_of[StopKind.JOB, "v"],)


def test_one_of_two_people_does_what_is_for_the_same_person(drafted, visit):
    both, alone = visit("both", 3, people=2), visit("alone", 5)
    link = Link(first="both", second="alone", same_person=True)

    draft = drafted(both, alone, links=(link,), anna="both", bo="both alone")

    assert wrong(draft) == ()


def test_a_break_is_kept_whatever_is_put_in(drafted, visit, technician, hours):
    lunch = Break(id="lunch", duration_s=1800, windows=(hours(11, 12),))
    one = (technician("anna", breaks=(lunch,)),)
    visits = [visit(str(n), n, service_s=3600) for n in range(1, 7)]
    before = drafted(*visits, technicians=one, anna="1 2 3 4 5")

    after = inserted(before, "6")

    assert wrong(after) == ()


def test_an_empty_plan_is_a_draft(drafted, visit):
    assert drafted(visit("v", 1)).plan() == Plan(
        unassigned=drafted(visit("v", 1)).plan().unassigned
    )
