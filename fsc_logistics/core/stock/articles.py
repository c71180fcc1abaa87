"""Articles: what is counted and not followed one by one, and the lots it comes in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fsc_logistics.core.catalogue.codes import lock_register
from fsc_logistics.core.tables import Article, DeviceModel, Lot
from fsc_logistics.domain.codes import read_code, read_line, shown_code
from fsc_logistics.domain.errors import BadInput, NotFound, Refused
from fsc_logistics.domain.identifiers import read_gtin, read_trade_item_lot
from fsc_logistics.domain.quantities import LotName, read_lot_code, read_lot_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumable:
    """An article as the catalogue has it."""

    article: str
    name: str
    unit: str
    """What is counted: piece, pair, box."""
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotShown:
    """A lot, and its last day of use."""

    article: str
    lot: str
    expires: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody named: an article, and of which lot as far as they said."""

    article: Article
    lot: str | None
    expires: date | None

    def name(self) -> LotName | None:
        """Return the lot by its name, where one was said."""
        if self.lot is None:
            return None
        return LotName(article=self.article.code, lot=self.lot)


def read_consumable(consumable: Consumable) -> Consumable:
    """Return `consumable` as it is kept: code in upper case, GTIN in fourteen digits.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
    """
    for name in ("name", "unit"):
        if not getattr(consumable, name).strip():
            raise BadInput(f"An article needs: {name}.")
    return replace(
        consumable,
        article=read_code(consumable.article),
        name=read_line(consumable.name, "name"),
        unit=read_line(consumable.unit, "unit"),
        gtin=read_gtin(consumable.gtin) if consumable.gtin else None,
    )


def add_article(session: Session, consumable: Consumable) -> Consumable:
    """Register an article and return it as it is kept.

    Raises:
        BadIdentifier, BadInput: a field cannot be read.
        Refused: the code or the GTIN is registered already.
    """
    new = read_consumable(consumable)
    lock_register(session)
    if session.scalar(select(Article.id).where(Article.code == new.article)):
        raise Refused(f"{new.article} is already an article. Choose another code.")
    _check_gtin_free(session, new)
    add_articles(session, [new])
    return new


def add_articles(session: Session, consumables: Sequence[Consumable]) -> None:
    """Register articles that are read and whose codes and GTINs are free."""
    if consumables:
        session.execute(insert(Article), [_values(each) for each in consumables])


def change_article(session: Session, code: str, **changes: Any) -> Consumable:
    """Change an article's name or GTIN; its unit stays, for quantities are in it.

    Raises:
        NotFound: there is no such article.
        BadIdentifier, BadInput, Refused: as for a new one.
    """
    row = find_article(session, code)
    changed = read_consumable(replace(_shown(row), **changes))
    lock_register(session)
    _check_gtin_free(session, changed)
    for name, value in _values(changed).items():
        setattr(row, name, value)
    session.flush()
    return changed


def list_articles(session: Session) -> list[Consumable]:
    """Return the articles in the order of their codes."""
    return [_shown(row) for row in session.scalars(select(Article).order_by("code"))]


def find_article(session: Session, code: str) -> Article:
    """Return the article of that code; upper or lower case is the same.

    Raises:
        NotFound: no article is registered under it.
    """
    found = session.scalar(select(Article).where(Article.code == code.strip().upper()))
    if found is None:
        raise NotFound(
            f"{shown_code(code)} is no article this centre knows. See: fsc article list"
        )
    return found


def find_said(session: Session, text: str, lot: str | None = None) -> Said:
    """Return what `text` names: an article, ARTICLE/LOT, or a GS1 code of a lot.

    Raises:
        NotFound: there is no such article.
        BadIdentifier: the lot cannot be one.
        BadInput: `lot` says another lot than `text`.
    """
    typed = text.strip()
    scanned = read_trade_item_lot(typed)
    if scanned is not None:
        article = _article_of(session, scanned.gtin)
        said = Said(article=article, lot=scanned.lot, expires=scanned.expires)
        if scanned.lot is not None:
            said = replace(said, lot=read_lot_code(scanned.lot))
    elif "/" in typed:
        name = read_lot_name(typed)
        article = find_article(session, name.article)
        said = Said(article=article, lot=name.lot, expires=None)
    else:
        said = Said(article=find_article(session, typed), lot=None, expires=None)
    if lot is None:
        return said
    if said.lot not in (None, read_lot_code(lot)):
        raise BadInput(f"That is lot {said.lot}, and --lot says another. Name one.")
    return replace(said, lot=read_lot_code(lot))


def find_lot(session: Session, said: Said) -> Lot:
    """Return the lot somebody named.

    Raises:
        NotFound: no such lot of that article has come yet, or none was said.
    """
    code = said.article.code
    if said.lot is None:
        raise NotFound(f"Say which lot of {code}: {code}/LOT. See: fsc stock list")
    found = session.scalar(
        select(Lot).where(Lot.article_id == said.article.id, Lot.code == said.lot)
    )
    if found is None:
        raise NotFound(
            f"{code} has no lot {shown_code(said.lot, 'of that name')}. It is"
            f" registered when it comes: fsc stock receive {code} QUANTITY --lot LOT"
        )
    return found


def registered_lot(session: Session, said: Said) -> Lot:
    """Return the lot somebody named, registered now if it is new.

    Raises:
        Refused: it is known to expire on another day.
    """
    assert said.lot is not None
    ours = select(Lot).where(Lot.article_id == said.article.id, Lot.code == said.lot)
    lot = session.scalar(ours)
    if lot is None:
        lot = Lot(article_id=said.article.id, code=said.lot, expires=said.expires)
        try:
            with session.begin_nested():
                session.add(lot)
        except IntegrityError:
            # Somebody else has just registered the same lot.
            lot = session.scalars(ours).one()
    if said.expires not in (None, lot.expires):
        known = f"expires on {lot.expires}" if lot.expires else "never expires"
        name = f"{said.article.code}/{lot.code}"
        raise Refused(
            f"{name} {known}, not on {said.expires}. If that was written down wrong:"
            f" fsc article change-lot {name} --expires {said.expires}"
        )
    return lot


def change_lot(session: Session, text: str, *, expires: date) -> LotShown:
    """Change the last day of use of the lot `text` names.

    Raises:
        NotFound: there is no such lot.
    """
    said = find_said(session, text)
    lot = find_lot(session, said)
    lot.expires = expires
    session.flush()
    return LotShown(article=said.article.code, lot=lot.code, expires=lot.expires)


def _article_of(session: Session, gtin: str) -> Article:
    found = session.scalar(select(Article).where(Article.gtin == gtin))
    if found is None:
        raise NotFound(
            f"No article has GTIN {gtin}. Give it to one:"
            f" fsc article change CODE --gtin {gtin}"
        )
    return found


def _check_gtin_free(session: Session, new: Consumable) -> None:
    if new.gtin is None:
        return
    # Of devices too: what is scanned must be one thing.
    model = select(DeviceModel.code).where(DeviceModel.gtin == new.gtin)
    if (taken := session.scalar(model)) is not None:
        raise Refused(f"GTIN {new.gtin} is that of model {taken} already.")
    other = select(Article.code).where(
        Article.gtin == new.gtin, Article.code != new.article
    )
    if (taken := session.scalar(other)) is not None:
        raise Refused(f"GTIN {new.gtin} is that of article {taken} already.")


def _values(consumable: Consumable) -> dict[str, Any]:
    return {
        "code": consumable.article,
        "name": consumable.name,
        "unit": consumable.unit,
        "gtin": consumable.gtin,
    }


def _shown(row: Article) -> Consumable:
    return Consumable(article=row.code, name=row.name, unit=row.unit, gtin=row.gtin)
