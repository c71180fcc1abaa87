"""The compiled search, as Python calls it: the structures of `routes/kernel/c`.

A structure holds pointers into arrays; it keeps those arrays alive itself.
"""

import ctypes
import importlib.util
from typing import Any, ClassVar, Self

import numpy as np

from routes.kernel.arrays import Array

I64 = ctypes.c_int64
F64 = ctypes.c_double
P8 = ctypes.POINTER(ctypes.c_int8)
P32 = ctypes.POINTER(ctypes.c_int32)
P64 = ctypes.POINTER(ctypes.c_int64)
PU64 = ctypes.POINTER(ctypes.c_uint64)
PF64 = ctypes.POINTER(ctypes.c_double)
PVOID = ctypes.c_void_p

_TYPES: dict[Any, Any] = {
    P8: np.int8,
    P32: np.int32,
    P64: np.int64,
    PU64: np.uint64,
    PF64: np.float64,
}


class Structure(ctypes.Structure):
    """A structure of the C code whose pointers are filled with arrays."""

    _fields_: ClassVar[list[tuple[str, Any]]] = []
    _written: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **values: Any) -> None:
        super().__init__()
        self.arrays: dict[str, Array] = {}
        self.kept: list[object] = []
        for name, kind in self._fields_:
            value = values.pop(name)
            if kind in _TYPES:
                array = np.ascontiguousarray(value, _TYPES[kind])
                self.arrays[name] = array
                setattr(self, name, array.ctypes.data_as(kind))
            elif isinstance(value, ctypes.Structure):
                self.kept.append(value)
                pointed = kind is PVOID
                address = ctypes.addressof(value)
                setattr(self, name, address if pointed else ctypes.pointer(value))
            else:
                setattr(self, name, value)
        assert not values, f"no fields: {', '.join(values)}"

    def __getitem__(self, name: str) -> Array:
        """Return the array behind a pointer."""
        return self.arrays[name]

    def twin(self) -> Self:
        """Return the same with arrays of its own for all that a search writes."""
        arrays = {
            name: array.copy() if name in self._written else array
            for name, array in self.arrays.items()
        }
        numbers = {
            name: getattr(self, name) for name, _ in self._fields_ if name not in arrays
        }
        return type(self)(**arrays, **numbers)


def _pointers(kind: Any, *names: str) -> list[tuple[str, Any]]:
    return [(name, kind) for name in names]


class Solution(Structure):
    """`c/solution.h`."""

    _fields_ = [
        *_pointers(I64, "routes", "width", "rows", "sums", "node_count"),
        *_pointers(I64, "request_count"),
        *_pointers(P32, "nodes", "size"),
        *_pointers(P64, "state", "totals"),
        *_pointers(P32, "route_of", "place_of", "kept_nodes", "kept_size"),
        *_pointers(P64, "kept_state", "kept_totals"),
        ("touched", P8),
        ("version", P64),
        *_pointers(P32, "touches", "absent", "kept_absent"),
        *_pointers(I64, "touch_count", "absent_count", "kept_absent_count"),
        *_pointers(I64, "last_version", "used"),
    ]


class Requests(Structure):
    """`c/requests.h`."""

    _fields_ = [
        *_pointers(I64, "count", "order_count", "near_count"),
        *_pointers(P32, "member", "member_of", "of"),
        ("penalty", P64),
        *_pointers(PF64, "orders", "shares"),
        ("near", P32),
        ("near_width", I64),
    ]


class Pool(Structure):
    """`c/pool.h`."""

    _fields_ = [
        *_pointers(I64, "room", "longest", "slot_count"),
        *_pointers(P32, "nodes", "size", "route"),
        *_pointers(P64, "cost", "worth"),
        ("sign", PU64),
        ("slots", P32),
        *_pointers(PU64, "signs", "kind_signs"),
        ("entries", I64),
    ]


class Plain(Structure):
    """`c/plain.h`."""

    _fields_ = [
        *_pointers(I64, "node_count", "visit_count", "dimensions"),
        ("blink", F64),
        *_pointers(P32, "cost", "cost_in", "travel", "travel_in"),
        *_pointers(P64, "service", "opens", "closes", "demand", "capacity"),
        *_pointers(P64, "leaves", "returns", "fixed"),
        *_pointers(P32, "kind", "next_kind"),
        ("memo", P64),
    ]
    _written = frozenset({"memo"})


class Days(Structure):
    """`c/days.h`."""

    _fields_ = [
        *_pointers(I64, "node_count", "route_count", "place_count", "dimensions"),
        *_pointers(I64, "link_count", "linked_count", "person_count", "reload_count"),
        *_pointers(I64, "wide", "step", "moved_price", "even_price"),
        ("blink", F64),
        *_pointers(P64, "nodes", "cars", "windows", "pauses", "links", "amounts"),
        *_pointers(P64, "rooms", "price"),
        *_pointers(P32, "travel", "travel_in", "distance"),
        *_pointers(P32, "member", "member_of", "linked"),
        ("share", PF64),
        *_pointers(P64, "agreed", "kept_agreed", "best_agreed", "memo"),
        *_pointers(P64, "early", "late", "bounds", "busy"),
        ("row", P32),
        ("barred", P8),
    ]
    _written = frozenset(
        {"agreed", "kept_agreed", "best_agreed", "memo", "barred"}
        | {"early", "late", "bounds", "busy", "row"}
    )


class Search(Structure):
    """`c/anneal.h`."""

    _fields_ = [
        ("solution", ctypes.POINTER(Solution)),
        ("requests", ctypes.POINTER(Requests)),
        ("pool", ctypes.POINTER(Pool)),
        ("rules", PVOID),
        ("kind", I64),
        ("dice", ctypes.c_uint64),
        ("mean_count", F64),
        ("longest", I64),
        ("keys", PF64),
        ("missed", P64),
        *_pointers(P32, "best_nodes", "best_size"),
        *_pointers(I64, "cost", "best_cost", "best_absent", "best_weight"),
        ("pool_margin", F64),
    ]


PLAIN, DAYS = 0, 1
"""The rules a search can be given."""


MADE_FOR = 2
"""What the compiled search says it was made for; as in c/search.c."""


def _loaded() -> ctypes.CDLL:
    found = importlib.util.find_spec("routes.kernel._search")
    if found is None or found.origin is None:
        raise ImportError(f"The route search is not compiled. {_INSTALL}")
    library = ctypes.CDLL(found.origin)
    check_made_for(library)
    library.fsc_begin.argtypes = [ctypes.POINTER(Search)]
    library.fsc_begin.restype = I64
    library.fsc_anneal.argtypes = [ctypes.POINTER(Search), I64, F64, F64, F64]
    library.fsc_anneal.restype = None
    library.fsc_complete.argtypes = [ctypes.POINTER(Search)]
    library.fsc_complete.restype = I64
    library.fsc_pool_keep.argtypes = [ctypes.POINTER(Pool), I64]
    library.fsc_pool_keep.restype = None
    library.fsc_row_cost.argtypes = [ctypes.POINTER(Days), I64, P32, I64]
    library.fsc_row_cost.restype = I64
    return library


def check_made_for(library: ctypes.CDLL) -> None:
    """Refuse what was compiled from sources of another time: it would read nonsense.

    Raises:
        ImportError: with what to do.
    """
    try:
        made_for = I64.in_dll(library, "fsc_made_for").value
    except ValueError:
        made_for = 0
    if made_for != MADE_FOR:
        raise ImportError(f"The route search was compiled for another fsc. {_INSTALL}")


_INSTALL = (
    "Install the package again with a C compiler at hand: python -m pip install -e ."
)
LIBRARY = _loaded()


def empty_solution(
    starts: Array, ends: Array, *, nodes: int, requests: int, rows: int, sums: int
) -> Solution:
    """Return routes from `starts` to `ends` with nothing on them, all absent."""
    routes, width = len(starts), nodes + 4
    sequence = np.zeros((routes, width), np.int32)
    sequence[:, 0], sequence[:, 1] = starts, ends
    state = np.zeros((routes, rows, width), np.int64)
    totals = np.zeros((routes, sums), np.int64)
    absent = np.arange(requests, dtype=np.int32)
    return Solution(
        routes=routes,
        width=width,
        rows=rows,
        sums=sums,
        node_count=nodes,
        request_count=requests,
        nodes=sequence,
        size=np.zeros(routes),
        state=state,
        totals=totals,
        route_of=np.full(nodes, -1),
        place_of=np.zeros(nodes),
        kept_nodes=sequence.copy(),
        kept_size=np.zeros(routes),
        kept_state=state.copy(),
        kept_totals=totals.copy(),
        touched=np.zeros(routes),
        version=np.arange(1, routes + 1),
        touches=np.zeros(routes),
        absent=absent.copy(),
        kept_absent=absent.copy(),
        touch_count=0,
        absent_count=requests,
        kept_absent_count=requests,
        last_version=routes,
        used=0,
    )


def empty_pool(
    nodes: int, longest: int, kinds: Array, *, room: int, slots: int = 17
) -> Pool:
    """Return room for `room` routes of at most `longest` nodes.

    `kinds` says of each route which others are like it; a set of nodes is kept once
    for each kind.
    """
    random = np.random.default_rng(5)
    signs = random.integers(0, 2**64, size=nodes, dtype=np.uint64)
    by_kind = random.integers(0, 2**64, size=int(kinds.max()) + 1, dtype=np.uint64)
    return Pool(
        room=room,
        longest=longest,
        slot_count=1 << slots,
        nodes=np.zeros((room, longest)),
        size=np.zeros(room),
        route=np.zeros(room),
        cost=np.zeros(room),
        worth=np.zeros(room),
        sign=np.zeros(room),
        slots=np.full(1 << slots, -1),
        signs=signs,
        kind_signs=by_kind[kinds],
        entries=0,
    )
