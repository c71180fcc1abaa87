"""The devices an event is about: found, named and locked."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fsc_logistics.core.devices.finding import as_tag, find_device
from fsc_logistics.core.ledger import seek
from fsc_logistics.core.ledger.seek import Named
from fsc_logistics.core.ledger.spans import BATCH
from fsc_logistics.core.statements import has_one_writer
from fsc_logistics.core.tables import Device


def find_all(session: Session, tags: Sequence[str]) -> list[Device]:
    """Return the devices, each once, in the order of their numbers."""
    if not tags:
        raise ValueError("a transfer of no devices")
    upper = {tag.strip().upper() for tag in tags}
    found = {}
    ordered = sorted(upper)
    for start in range(0, len(ordered), BATCH):
        chunk = ordered[start : start + BATCH]
        for device in session.scalars(select(Device).where(Device.tag.in_(chunk))):
            found[device.tag] = device
    for tag in tags:
        if tag.strip().upper() not in found:
            device = find_device(session, tag)
            found[device.tag] = device
    return sorted(found.values(), key=lambda device: device.id)


def named_all(session: Session, tags: Sequence[str]) -> list[Named]:
    """Return number and tag of the devices, as `find_all` finds them."""
    if len(tags) == 1 and (tag := as_tag(tags[0])) is not None:
        found = seek.device(session, tag)
        if found is not None:
            return [found]
    return [Named(device.id, device.tag) for device in find_all(session, tags)]


def named_devices(session: Session, devices: Iterable[int]) -> dict[int, Named]:
    """Return number and tag of each of `devices`."""
    wanted = sorted(set(devices))
    found: dict[int, Named] = {}
    for start in range(0, len(wanted), BATCH):
        chunk = wanted[start : start + BATCH]
        query = select(Device.id, Device.tag).where(Device.id.in_(chunk))
        found.update({row.id: Named(row.id, row.tag) for row in session.execute(query)})
    return found


def lock(session: Session, devices: Sequence[int]) -> None:
    """Make others wait who want to write about `devices`; SQLite has one writer.

    In the order of their numbers, so that two who name them differently never wait
    for each other.
    """
    if has_one_writer(session):
        return
    ordered = sorted(set(devices))
    if len(ordered) == 1:
        seek.lock_device(session, ordered[0])
        return
    for start in range(0, len(ordered), BATCH):
        session.execute(
            select(Device.id)
            .where(Device.id.in_(ordered[start : start + BATCH]))
            .order_by(Device.id)
            .with_for_update(key_share=True)
        )
