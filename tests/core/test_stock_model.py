"""Quantities beside a naive model: lists, read from end to end for every answer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fsc_logistics.core.corrections.declaring import Right, declare_wrong
from fsc_logistics.core.proof.verification import rebuild, verify
from fsc_logistics.core.stock.answers import list_stock
from fsc_logistics.core.stock.articles import Consumable, add_article
from fsc_logistics.core.stock.counts import record_count
from fsc_logistics.core.stock.history import stock_history
from fsc_logistics.core.stock.moves import record_receipt, record_stock_move
from fsc_logistics.domain.custody import Signature, WrongBecause
from fsc_logistics.domain.errors import Refused
from fsc_logistics.domain.quantities import Occasion

FIRST_DAY = datetime(2026, 2, 1, 8, tzinfo=UTC)
HOURS = range(4)
"""When things happen: few moments, so that many events share one."""
LOTS = ("CUFF-M/L1", "CUFF-M/L2")
SHELVES = ("H-A", "H-B", "VAN-ANNA")
OUTSIDE = ("MAKER-DK", "LOST", "RETIRED")
NOW = Signature(
    station="DOCK", actor="TESTER", record_time=FIRST_DAY + timedelta(days=1)
)


def hour(number):
    return FIRST_DAY + timedelta(hours=number)


@dataclass
class Line:
    """An event as the model keeps it: a move of some, or a count."""

    uid: str
    at: int
    lot: str
    origin: str
    target: str
    number: int
    is_count: bool
    stands: bool = True


class Model:
    """What the ledger was told, in the order it was told."""

    def __init__(self):
        self.lines = []

    def at(self, lot, place, until):
        """Return how many there were at the end of an hour, by reading everything."""
        there = 0
        for line in sorted(self.lines, key=lambda line: line.at):
            if not line.stands or line.lot != lot or line.at > until:
                continue
            if line.is_count and line.target == place:
                there = line.number
            elif not line.is_count:
                there += line.number * ((line.target == place) - (line.origin == place))
        return there

    def is_possible(self):
        return all(
            self.at(lot, place, until) >= 0
            for lot in LOTS
            for place in SHELVES
            for until in HOURS
        )


OFTEN = ("H-A", "H-A", "VAN-ANNA", "H-B")
"""Most is told of one shelf, so that much meets there."""
TOLD = st.one_of(
    st.tuples(
        st.just("move"),
        st.sampled_from(HOURS),
        st.sampled_from((LOTS[0], *LOTS)),
        st.sampled_from(("MAKER-DK", *OFTEN, *OUTSIDE)),
        st.sampled_from((*OFTEN, *OUTSIDE)),
        st.integers(1, 3),
    ),
    st.tuples(
        st.just("count"),
        st.sampled_from(HOURS),
        st.sampled_from((LOTS[0], *LOTS)),
        st.just("-"),
        st.sampled_from(OFTEN),
        st.integers(0, 6),
    ),
)
PUT_RIGHT = st.one_of(
    st.tuples(st.just("undo"), st.integers(0, 20)),
    st.tuples(st.just("retime"), st.integers(0, 20), st.sampled_from(HOURS)),
    st.tuples(st.just("again"), st.integers(0, 20)),
)


class Both:
    """The model and the ledger, told the same."""

    def __init__(self, session):
        self.session = session
        self.model = Model()
        self.turn = 0

    def do(self, operation):
        self.turn += 1
        name, *said = operation
        getattr(self, name)(*said)

    def move(self, at, lot, origin, target, number):
        if origin != target and {origin, target} - set(OUTSIDE):
            self._tell(Line(f"u{self.turn}", at, lot, origin, target, number, False))

    def count(self, at, lot, origin, target, number):
        self._tell(Line(f"u{self.turn}", at, lot, origin, target, number, True))

    def again(self, which):
        """Tell an event once more: it adds nothing."""
        if self.model.lines:
            line = self.model.lines[which % len(self.model.lines)]
            assert not self._record(line).added

    def undo(self, which):
        self._declare(which, None)

    def retime(self, which, at):
        self._declare(which, at)

    def _declare(self, which, at):
        standing = [line for line in self.model.lines if line.stands]
        if not standing:
            return
        line = standing[which % len(standing)]
        line.stands = False
        instead = []
        if at is not None:
            uid = f"right{self.turn}"
            instead = [Line(**{**vars(line), "uid": uid, "at": at, "stands": True})]
        self.model.lines += instead
        reasons = (WrongBecause.DID_NOT_OCCUR, WrongBecause.INCORRECT_DATA)
        if not self._is_taken(
            lambda: declare_wrong(
                self.session,
                line.uid,
                NOW,
                reason=reasons[at is not None],
                declaration_uid=f"wrong{self.turn}",
                right=None if at is None else Right(event_time=hour(at)),
                replacement_uid=f"right{self.turn}",
            )
        ):
            line.stands = True
            del self.model.lines[len(self.model.lines) - len(instead) :]

    def _tell(self, line):
        self.model.lines.append(line)
        if not self._is_taken(lambda: self._record(line)):
            self.model.lines.pop()

    def _is_taken(self, record):
        """Record, and see that it is refused exactly where the model would be."""
        try:
            with self.session.begin_nested():
                record()
        except Refused:
            assert not self.model.is_possible()
            return False
        assert self.model.is_possible()
        return True

    def _record(self, line):
        occasion = Occasion(uid=line.uid, at=hour(line.at), day=date(2026, 2, 1))
        if line.is_count:
            counts = [(line.lot, line.number)]
            return record_count(
                self.session, line.target, counts, occasion=occasion, by=NOW
            )
        record = record_receipt if line.origin == "MAKER-DK" else record_stock_move
        return record(
            self.session,
            line.lot,
            line.number,
            origin=line.origin,
            target=line.target,
            occasion=occasion,
            by=NOW,
        )

    def check(self):
        for until in HOURS:
            told = {
                (f"{b.article}/{b.lot}", b.location): b.quantity
                for b in list_stock(self.session, at=hour(until))
            }
            for lot in LOTS:
                for place in SHELVES:
                    right = self.model.at(lot, place, until)
                    assert told.get((lot, place), 0) == right
        for lot in LOTS:
            for place in SHELVES:
                self._check_history(lot, place)
        assert verify(self.session).mismatches == ()
        rebuild(self.session)
        assert verify(self.session).mismatches == ()

    def _check_history(self, lot, place):
        books = stock_history(self.session, lot, place=place)
        ours = [
            line
            for line in sorted(self.model.lines, key=lambda line: line.at)
            if line.lot == lot and place in (line.origin, line.target)
        ]
        assert [entry.event for entry in books] == [line.uid for line in ours]
        stands = [entry.declared_wrong is None for entry in books]
        assert stands == [line.stands for line in ours]
        last = [entry.quantity for entry in books if entry.quantity is not None]
        if last:
            assert last[-1] == self.model.at(lot, place, max(HOURS))


@settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    told=st.lists(TOLD, min_size=8, max_size=14),
    later=st.lists(st.one_of(TOLD, PUT_RIGHT), max_size=8),
)
def test_quantities_are_what_a_naive_model_says(centre, told, later):
    with centre.begin() as session:
        add_article(session, Consumable(article="CUFF-M", name="Cuff", unit="piece"))
        both = Both(session)
        for lot in LOTS:
            both.do(("move", 0, lot, "MAKER-DK", "H-A", 6))
        # In two parts: what is put right makes spans anew, and would hide a wrong one.
        for operations in (told, later):
            for operation in operations:
                both.do(operation)
            both.check()
        session.rollback()
