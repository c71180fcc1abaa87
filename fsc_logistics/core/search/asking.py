"""Search: whatever a text may mean, the best fit first.

Codes are looked up in their normal form, each step through an index: as they are, as a
beginning, with one slip of the finger.  Only where nothing else fits are all of them
read for one that holds the text.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from fsc_logistics.core.people.access import Look, note
from fsc_logistics.core.people.sealing import Vault
from fsc_logistics.core.search import codes, names
from fsc_logistics.core.search.hits import Fit, Found, Hit, hits_of
from fsc_logistics.core.tables import Citizen, Device, DeviceModel
from fsc_logistics.core.tables.normal import normal_form as sql_normal_form
from fsc_logistics.domain.codes import shown_code
from fsc_logistics.domain.errors import BadInput, NotFound
from fsc_logistics.domain.identifiers import GTIN_DIGITS, read_named, without_aim
from fsc_logistics.domain.people import Cpr, looks_like_cpr
from fsc_logistics.domain.searching import (
    Match,
    folded,
    near_forms,
    normal_form,
    words_fit,
)

LIMIT = 20
TEXT_LENGTH_MAX = 200
"""Of what is searched; no code or name is as long, and what is near one costs."""
CONTAINS_LENGTH_MIN = 3
"""A shorter part of a code stands in too many of them to be of use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found, and what it left out."""

    hits: tuple[Hit, ...]
    more: bool
    """Whether there is more than was asked for."""
    people_left_out: bool
    """Whether citizens' names might have fitted too, and were not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    session: Session
    text: str
    normal: str
    limit: int
    models: Sequence[Row[int, str, str, str, str, str | None]]
    """All of them: there are hundreds where there are a million devices."""
    look: Look | None
    vault: Vault


_Step = Callable[[_Asked], Iterator[Fit]]


def find_anything(
    session: Session,
    typed: str,
    *,
    vault: Vault,
    look: Look | None = None,
    limit: int = LIMIT,
) -> Search:
    """Return what `typed` may mean: devices, models, parties, places and citizens.

    A code with a digit that fits exactly keeps everything else out.  Citizens' names,
    telephones and CPR numbers are searched with a `look` alone, and every citizen that
    is then told of is logged; without one a citizen is a code.

    Raises:
        NotFound: nothing fits.
        BadInput: nothing that could be searched was typed, or too much.
        Misconfigured: a CPR number is looked for, and the key is missing or another.
    """
    asked = _asked(session, typed, vault=vault, look=look, limit=limit)
    for step in _steps(asked):
        fits = list(islice(_distinct(step(asked)), limit + 1))
        if fits:
            break
    else:
        raise NotFound(_nothing(typed, look))
    shown = fits[:limit]
    if look is not None:
        note(session, look, _citizens_among(session, shown))
    return Search(
        hits=tuple(hits_of(session, shown, people=look is not None)),
        more=len(fits) > limit,
        people_left_out=look is None and step is not _exact,
    )


def _asked(
    session: Session, typed: str, *, vault: Vault, look: Look | None, limit: int
) -> _Asked:
    plain = without_aim(" ".join(typed.replace("\x00", " ").split()))
    if len(plain) > TEXT_LENGTH_MAX:
        raise BadInput(
            f"{len(plain)} signs are too many to search for. Say it in"
            f" {TEXT_LENGTH_MAX}: a code, or words of a name."
        )
    normal = normal_form(plain)
    if not normal:
        raise BadInput(
            "Say what to find: a tag, serial or other code, or a name or telephone."
        )
    columns = DeviceModel.code, DeviceModel.maker, DeviceModel.name
    models = session.execute(
        select(
            DeviceModel.id, *columns, DeviceModel.category, DeviceModel.gtin
        ).order_by(DeviceModel.code)
    ).all()
    return _Asked(
        session=session,
        text=plain,
        normal=normal,
        limit=limit,
        models=models,
        look=look,
        vault=vault,
    )


def _nothing(typed: str, look: Look | None) -> str:
    # What was typed may be a name: only what is a code for certain is repeated.
    if look is None:
        return (
            f"{shown_code(typed)} is no device, model, party or place here. Citizens'"
            " names and numbers were not searched; to search them, which is logged:"
            " --purpose WHY"
        )
    return (
        f"{shown_code(typed)} is no device, model, party, place or citizen here. Look"
        " through them with: fsc device list, fsc location list, fsc citizen list"
    )


def _steps(asked: _Asked) -> tuple[_Step, ...]:
    """Return the steps of a search; the first that finds something ends it.

    What has a digit in it is hardly a name.  What has none may be one, though there is
    a code that is the same.
    """
    if any(sign.isdigit() for sign in asked.normal):
        return _exact, _beginning_or_mistyped, _named, _containing
    return _exact_or_named, _mistyped, _containing


def _beginning_or_mistyped(asked: _Asked) -> Iterator[Fit]:
    return chain(_beginning(asked), _mistyped(asked))


def _exact_or_named(asked: _Asked) -> Iterator[Fit]:
    return chain(_exact(asked), _beginning(asked), _named(asked))


def _distinct(fits: Iterable[Fit]) -> Iterator[Fit]:
    seen = set()
    for fit in fits:
        key = fit.table, fit.number
        if key not in seen:
            seen.add(key)
            yield fit


def _exact(asked: _Asked) -> Iterator[Fit]:
    normal = asked.normal
    yield from _by_item(asked)
    yield from codes.same(asked.session, normal, asked.limit)
    for model in asked.models:
        if normal_form(model.code) == normal:
            yield Fit(Found.MODEL, model.id, f"code {Match.EXACT}")
        elif model.gtin is not None and normal.zfill(GTIN_DIGITS) == model.gtin:
            yield Fit(Found.MODEL, model.id, f"gtin {Match.EXACT}")
    yield from _by_model_and_serial(asked)
    yield from _by_number(asked)


def _beginning(asked: _Asked) -> Iterator[Fit]:
    yield from codes.beginning(asked.session, asked.normal, asked.limit)
    for model in asked.models:
        if normal_form(model.code).startswith(asked.normal):
            yield Fit(Found.MODEL, model.id, f"code {Match.PREFIX}")


def _mistyped(asked: _Asked) -> Iterator[Fit]:
    near = near_forms(asked.normal)
    yield from codes.near(asked.session, near, asked.limit)
    for model in asked.models:
        if normal_form(model.code) in near:
            yield Fit(Found.MODEL, model.id, f"code {Match.TYPO}")


def _containing(asked: _Asked) -> Iterator[Fit]:
    if len(asked.normal) >= CONTAINS_LENGTH_MIN:
        yield from codes.holding(asked.session, asked.normal, asked.limit)


def _by_item(asked: _Asked) -> Iterator[Fit]:
    """Yield what a code of a standard names, in whatever form it was linked."""
    named = read_named(asked.text)
    if named.key is not None:
        yield from codes.same(asked.session, normal_form(named.key), asked.limit)
    item = named.item
    if item is not None:
        models = [model.id for model in asked.models if model.gtin == item.gtin]
        yield from _by_serial(asked, models, item.serial)


def _by_model_and_serial(asked: _Asked) -> Iterator[Fit]:
    """Yield what is named as MODEL/SERIAL or MAKER/SERIAL."""
    named, slash, serial = asked.text.partition("/")
    if slash and normal_form(serial):
        models = [
            model.id
            for model in asked.models
            if normal_form(model.code) == normal_form(named)
            or folded(model.maker) == folded(named.strip())
        ]
        yield from _by_serial(asked, models, serial)


def _by_serial(asked: _Asked, models: Sequence[int], serial: str) -> Iterator[Fit]:
    query = select(Device.id).where(
        sql_normal_form(Device.serial) == normal_form(serial),
        Device.model_id.in_(models),
    )
    for number in asked.session.scalars(query.order_by(Device.id)):
        yield Fit(Found.DEVICE, number, f"serial {Match.EXACT}")


def _by_number(asked: _Asked) -> Iterator[Fit]:
    """Yield whose telephone or CPR number it is."""
    people = asked.look is not None
    yield from names.with_phone(asked.session, asked.text, people=people)
    if people and looks_like_cpr(asked.text):
        yield from names.with_cpr(asked.session, asked.vault, Cpr.read(asked.text))


def _named(asked: _Asked) -> Iterator[Fit]:
    words = folded(asked.text).split()
    for model in asked.models:
        if words_fit(words, model.code, model.maker, model.name, model.category):
            yield Fit(Found.MODEL, model.id, f"name {Match.WORDS}")
    yield from names.with_words(asked.session, words, people=asked.look is not None)


def _citizens_among(session: Session, fits: Iterable[Fit]) -> Sequence[int]:
    """Return who of them is a citizen whose data are here."""
    numbers = [fit.number for fit in fits if fit.table is Found.PARTY]
    query = select(Citizen.party_id).where(Citizen.party_id.in_(numbers))
    return session.scalars(query.order_by(Citizen.party_id)).all()
