"""Several at once at the same kits: one is right, the other is told why not."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from fsc_logistics.core.kits.membership import kit_parts, record_kit
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
