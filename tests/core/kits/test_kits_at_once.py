"""Several at once at the same kits: one is right, the other is told why not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from fsc_logistics.core.kits.membership import kit_parts, record_kit, take_apart
from fsc_logistics.core.kits.returning import return_kit
from fsc_logistics.core.kits.state import kit_state
from fsc_logistics.core.kits.swap import swap_part
from fsc_logistics.core.proof.verification import verify
from fsc_logistics.domain.errors import Refused, TryLater
from fsc_logistics.domain.kits import MovesBy


@pytest.fixture
def told(centre, register, at, signed):
    """Run acts at the same moment, each in its own transaction; return what came."""
    with centre.begin() as session:
        register(session)

    def at_once(*acts):
        barrier = Barrier(len(acts))

        def run(number):
            barrier.wait()
            by = signed(station=f"DESK-{number}")
            try:
                with centre.begin() as session:
                    return acts[number](session, uid=f"at-once-{number}", by=by)
            except (Refused, TryLater) as error:
                return error

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(run, range(len(acts))))

    return at_once


def test_a_part_built_into_two_kits_at_once_is_in_one(centre, told, at):
    def into(case):
        def act(session, **said):
            return record_kit(session, ["OXI-1"], kit=case, at=at("02-01"), **said)

        return act

    outcomes = told(into("BOX-1"), into("BOX-2"))

    (refused,) = [one for one in outcomes if isinstance(one, Exception)]
    with centre.read() as session:
        inside = {
            case: [p.device for p in kit_parts(session, case, at=at("02-02"))]
            for case in ("BOX-1", "BOX-2")
        }
        assert verify(session).mismatches == ()
    (winner,) = [case for case, parts in inside.items() if parts == ["OXI-1"]]
    assert str(refused) == (
        f"OXI-1 is a part of {winner}. Take it out first: fsc kit take-apart"
        f" {winner} OXI-1"
    )


def build(session, at, by):
    record_kit(session, ["OXI-1", "SCA-1"], kit="BOX-1", uid="built", at=at, by=by)


def swap(session, **said):
    return swap_part(session, "BOX-1", "OXI-1", "OXI-2", **said)


def take_out(session, **said):
    return take_apart(session, "BOX-1", ["OXI-1"], **said)


def put_the_new_one_elsewhere(session, **said):
    return record_kit(session, ["OXI-2"], kit="BOX-2", **said)


def come_back(session, **said):
    return return_kit(session, "BOX-1", to="H-B", missing=["OXI-1"], **said)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (swap, swap, "OXI-1 is not in BOX-1. See: fsc kit show BOX-1"),
        (take_out, take_out, "OXI-1 is not in BOX-1. See: fsc kit show BOX-1"),
        (
            swap,
            put_the_new_one_elsewhere,
            "OXI-2 is a part of BOX-1. Take it out first: fsc kit take-apart BOX-1"
            " OXI-2",
        ),
    ],
)
def test_an_act_of_now_comes_after_what_it_had_to_wait_for(
    centre, register, at, signed, first, second, told
):
    # Both had looked at the clock; then the one that looked first had to wait.
    early = at("02-02")
    late = early + timedelta(seconds=2)
    with centre.begin() as session:
        register(session)
        build(session, at("02-01"), signed())
        first(session, uid="first-act", at=late, by=signed(late, "DESK-1"))

    with pytest.raises(Refused) as refused, centre.begin() as session:
        second(session, uid="second-act", at=early, by=signed(early, "DESK-2"))

    assert str(refused.value) == told


def test_a_return_that_had_to_wait_for_the_same_one_adds_nothing(
    centre, register, at, signed
):
    early = at("02-02")
    late = early + timedelta(seconds=2)
    with centre.begin() as session:
        register(session)
        build(session, at("02-01"), signed())
        come_back(session, uid="first-act", at=late, by=signed(late, "DESK-1"))

    with centre.begin() as session:
        by = signed(early, "DESK-2")
        done = come_back(session, uid="second-act", at=early, by=by)

    assert not done.added


def test_a_kit_takes_along_what_is_in_it_when_its_turn_comes(
    centre, register, at, signed, move
):
    early = at("02-02")
    late = early + timedelta(seconds=2)
    with centre.begin() as session:
        register(session)
        build(session, at("02-01"), signed())
        swap(session, uid="swap", at=late, by=signed(late, "DESK-1"))

    with centre.begin() as session:
        by = signed(early, "DESK-2")
        done = move(session, "BOX-1", to="VAN-ANNA", at=early, uid="move", by=by)

    assert done.devices == ("BOX-1", "OXI-2", "SCA-1")


def test_one_spare_is_swapped_into_one_of_two_kits(centre, told, at, signed):
    with centre.begin() as session:
        for case, part in (("BOX-1", "SCA-1"), ("BOX-2", "SCA-2")):
            record_kit(session, [part], kit=case, uid=case, at=at("02-01"), by=signed())

    def swap(case, old):
        def act(session, **said):
            return swap_part(session, case, old, "SCA-3", at=at("02-02"), **said)

        return act

    outcomes = told(swap("BOX-1", "SCA-1"), swap("BOX-2", "SCA-2"))

    (refused,) = [one for one in outcomes if isinstance(one, Exception)]
    assert str(refused).startswith("SCA-3 is a part of BOX-")
    with centre.read() as session:
        inside = [
            p.device
            for case in ("BOX-1", "BOX-2")
            for p in kit_parts(session, case, at=at("02-03"))
        ]
        assert verify(session).mismatches == ()
    assert sorted(inside) in (["SCA-1", "SCA-3"], ["SCA-2", "SCA-3"])


def test_a_kit_moved_by_all_its_parts_at_once_moves_as_one(
    centre, told, at, move, signed
):
    parts = ["OXI-1", "OXI-2", "SCA-1"]
    with centre.begin() as session:
        record_kit(
            session,
            parts,
            kit="BOX-1",
            uid="built",
            at=at("02-01"),
            by=signed(),
            moves_by=MovesBy.ANY,
        )

    def by_part(part, to):
        def act(session, **said):
            return move(session, part, to=to, at=at("02-02"), **said)

        return act

    places = ["H-B", "VAN-ANNA", "VAN-BO"]
    outcomes = told(*map(by_part, parts, places))

    assert not [one for one in outcomes if isinstance(one, Exception)]
    with centre.read() as session:
        state = kit_state(session, "BOX-1", at=at("02-03"))
        assert verify(session).mismatches == ()
    assert state.missing == ()
    assert state.location in places


def test_a_return_told_by_two_desks_at_once_is_one(centre, told, at, signed, move):
    with centre.begin() as session:
        record_kit(
            session,
            ["OXI-1", "SCA-1"],
            kit="BOX-1",
            uid="built",
            at=at("02-01"),
            by=signed(),
        )
        move(session, "BOX-1", to="HOME-CIT-1", at=at("02-02"), uid="lent", by=signed())

    def act(session, *, uid, by):
        return return_kit(
            session,
            "BOX-1",
            to="H-A",
            missing=["SCA-1"],
            uid="back",
            at=at("02-09"),
            by=by,
        )

    outcomes = told(act, act)

    assert sorted(one.added for one in outcomes) == [False, True]
    assert {one.events for one in outcomes} == {("back", "back.2")}
