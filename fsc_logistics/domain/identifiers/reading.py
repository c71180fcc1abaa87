"""What a scanned code names: one key, in whatever form it was printed or written."""

import re
from dataclasses import dataclass

from fsc_logistics.domain.identifiers.aim import GS1_SYMBOLS, split_aim
from fsc_logistics.domain.identifiers.envelope import enveloped_key, is_envelope
from fsc_logistics.domain.identifiers.epc import is_card, is_epc, read_epc
from fsc_logistics.domain.identifiers.gs1 import (
    LENGTH_MAX,
    SerialisedItem,
    individual_key,
    read_elements,
)
from fsc_logistics.domain.identifiers.hibc import read_hibc

_ITEM = re.compile(r"\(01\)(\d{14})\(21\)(.+)", re.ASCII)
_BRACKETED = re.compile(r"\((\d{2,4})\)")


@dataclass(frozen=True, slots=True)
class Named:
    """What one code names; nothing where it is a code of no standard."""

    key: str | None = None
    """The same in every form: a GS1 key with brackets, a HIBC product and serial, data
    identifiers with what they say, the digits of an EPC or a card."""
    item: SerialisedItem | None = None
    """Where the key is a GTIN and a serial."""


def read_named(text: str, symbology: str = "") -> Named:
    """Return the one piece that `text` names by a standard of others.

    `symbology` is the AIM identifier where it does not stand in front of the text.
    Whatever the text is, this raises nothing.

    >>> read_named("(01)09501101531000(21)SN-7").item
    SerialisedItem(gtin='09501101531000', serial='SN-7')
    >>> read_named("]C180049501101ABC").key
    '(8004)9501101ABC'
    >>> read_named("800412345678")
    Named(key=None, item=None)
    """
    aim, bare = split_aim(text.strip())
    key = _key(bare, aim or symbology)
    if key is None:
        return Named()
    item = _ITEM.fullmatch(key)
    return Named(key, SerialisedItem(item[1], item[2]) if item else None)


def read_item(text: str, symbology: str = "") -> SerialisedItem | None:
    """Return the GTIN and serial a GS1 code or an RFID tag names, or None.

    >>> read_item("3074257BF7194E4000001A85")
    SerialisedItem(gtin='80614141123458', serial='6789')
    """
    return read_named(text, symbology).item


def forms(text: str, symbology: str = "") -> tuple[str, ...]:
    """Return the texts that `text` may be linked as, the one that counts most first.

    As it is, without its AIM identifier, as the key of the standard, and as that key is
    scanned where nothing marks it.

    >>> forms("]C180049501101ABC")
    (']C180049501101ABC', '80049501101ABC', '(8004)9501101ABC')
    """
    plain = text.strip()
    key = read_named(plain, symbology).key
    known = [plain, split_aim(plain)[1]]
    if key is not None:
        # A serial may hold what looks like another identifier.
        identifiers = 2 if _ITEM.fullmatch(key) else 1
        known += [key, _BRACKETED.sub(r"\1", key, count=identifiers)]
    return tuple(dict.fromkeys(form for form in known if form))


def _key(text: str, symbology: str) -> str | None:
    if not text or len(text) > LENGTH_MAX:
        return None
    if text.startswith(("+", "*+")):
        said = read_hibc(text)
        return said.key if said is not None else None
    if is_envelope(text):
        return enveloped_key(text)
    key = individual_key(read_elements(symbology, text))
    if key is not None or symbology in GS1_SYMBOLS:
        return key
    if is_card(text):
        return text.upper()
    return read_epc(text) if is_epc(text) else None
