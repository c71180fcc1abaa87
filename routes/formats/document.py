"""A problem, and what has to be known to answer it in its author's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from routes.plan import TaskKey, TaskKeys
from routes.problem import Problem

Name: TypeAlias = int | str
Key: TypeAlias = tuple[str, str]
"""What kind of thing is called that (job, pickup, vehicle, skill, …), and our id."""
Object: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A problem, and what has to be known to write of it in its author's words."""

    problem: Problem
    orders: TaskKeys = field(default_factory=dict)
    """The vehicles' `steps`: where the search may begin."""
    names: Mapping[Key, Name] = field(default_factory=dict)
    """Ids and skills as given, where they are not our own."""
    descriptions: Mapping[Key, str] = field(default_factory=dict)
    locations: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    """[lon, lat] of places, where given."""
    indexed: bool = True
    """The file has its own matrices, and places are its indices into them."""
    scale: int = 1
    """How many seconds, metres and units of cost here are one unit of the file's."""
    stops: Mapping[int, TaskKey] = field(default_factory=dict)
    """What a VRPLIB solution means by its numbers; nothing but for benchmark files."""

    def name(self, noun: str, id_: str) -> Name:
        """Return what the author calls our `id_`."""
        return self.names.get((noun, id_), id_)

    def ids(self) -> dict[Key, str]:
        """Return our ids by noun and the author's name as text."""
        return {(noun, str(name)): id_ for (noun, id_), name in self.names.items()}
