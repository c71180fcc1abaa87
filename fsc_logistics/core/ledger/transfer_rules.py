"""What holds of a transfer: when a command is refused, and what condition it leaves."""

from collections.abc import Mapping

from fsc_logistics.core.ledger.appending import NewEvent
from fsc_logistics.core.ledger.known import Known
from fsc_logistics.domain.anomalies import is_lent_at
from fsc_logistics.domain.care import Condition, check_hand_out
from fsc_logistics.domain.custody import (
    CONDITION_STEP,
    BizStep,
    EventKind,
    check_begun,
    check_command,
)
from fsc_logistics.domain.parties import LocationKind

Left = dict[int, str | None]
"""The condition an event leaves each device in; None: as it was."""


def check_commands(event: NewEvent, known: Mapping[int, Known]) -> None:
    """Refuse a command about a scrapped device, or that hands out an unfit one.

    To where retired ones are a scrapped device may go: that says nothing else of it.

    Raises:
        Refused: or nobody had a device yet, and this does not bring it into the ledger.
    """
    assert event.custodian is not None
    found = [known[device] for device in sorted(known)]
    for device in found:
        if event.biz_step != BizStep.COMMISSIONING:
            check_begun(device.tag, device.before, event.event_time)
        if device.location_kind != LocationKind.RETIRED:
            check_command(device.tag, device.condition)
    for device in found:
        if device.before in (None, event.custodian.code):
            continue
        if is_lent_at(device.custodian_kind, device.location_kind):
            check_hand_out(
                device.tag,
                event.custodian.code,
                event.condition or device.condition,
                device.flags(),
            )


def conditions_left(event: NewEvent, known: Mapping[int, Known]) -> Left:
    """Return the condition that a custody event leaves each device in.

    One it gives is that of all of them, but `returned` is never said of what somebody
    set apart.  Where it gives none, what comes back from whoever used it is `returned`,
    if it was ready or nobody had ever said.  That holds of a late event just as well:
    as of its moment, until what was said of the device after that.
    """
    return {device: _left(event.condition, one) for device, one in known.items()}


def _left(given: str | None, known: Known) -> str | None:
    if given not in (None, Condition.RETURNED):
        return given
    lifted: set[str | None] = {None, Condition.READY}
    if given is not None:
        lifted.add(Condition.RETURNED)
    elif not known.comes_back():
        return None
    return Condition.RETURNED.value if known.condition in lifted else None


def state_conditions(
    event: NewEvent, left: Left, known: Mapping[int, Known], second: str
) -> tuple[NewEvent, NewEvent | None]:
    """Return `event` with the condition it states, and another where it takes two.

    An event states one condition for all its lines.  Where it would lift what was set
    apart it states none, and the event `second` says which devices are returned.
    """
    stating = [line for line in event.lines if left[line.device.id] is not None]
    if not stating:
        return event._replace(condition=None), None
    (condition,) = {left[line.device.id] for line in stating}
    others = (line for line in event.lines if left[line.device.id] is None)
    if all(known[line.device.id].condition == condition for line in others):
        return event._replace(condition=condition), None
    behind = NewEvent(
        uid=second,
        kind=EventKind.CONDITION,
        event_time=event.event_time,
        biz_step=CONDITION_STEP[Condition.RETURNED],
        condition=condition,
        document=event.document,
        read_point=event.read_point,
        lines=tuple(line._replace(kit=None) for line in stating),
    )
    return event._replace(condition=None), behind
