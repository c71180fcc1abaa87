"""The demonstration's morning: what a warehouse worker scans before nine."""

from fsc_logistics.core.demo.stock import Lent

DOCK = "HORSENS-DOCK"
MORNING = """\
# {dock}: a morning's scans. Play them again with: fsc scanner simulate morning.txt
# Who has it? Nothing is recorded.
%C:MODE:LOOK
{look}
# Three kits come back from a ward.
%C:MODE:IN
{returned}
# They go to their shelf, and are ready again when somebody has looked at them and
# said so: fsc condition set ready TAG --parts
%C:MODE:MOVE
%L:HORSENS-A1
{returned}
# Spares for two technicians; each is a scan of its own.
%C:MODE:OUT
%P:ANNA
{anna}
%P:BO
{bo}
# The last one was a mistake.
%C:UNDO
# A box nobody has registered yet: it waits in fsc exceptions.
5701234567899
# Twelve loose devices move to shelf A2; the last one was flagged as missing.
%C:MODE:MOVE
%L:HORSENS-A2
{moved}
%C:END
"""


def morning(lent: Lent, returned: tuple[str, ...], spares: tuple[str, ...]) -> str:
    """Return the scans of a morning at the dock in Horsens, a line each."""
    anna, bo, moved = spares[:8], spares[8:12], spares[12:24]
    return MORNING.format(
        dock=DOCK,
        look="\n".join(list(lent.with_kit.values())[:3]),
        returned="\n".join(returned),
        anna="\n".join(anna),
        bo="\n".join(bo),
        moved="\n".join(moved),
    )
