"""What an LLRP reader is asked: to forget other orders, and to tell of every tag.

Packed by pyllrp (MIT), an extra, which checks the order of everything against the
definition of the protocol.
"""

from collections.abc import Iterator
from typing import Any

KEEPALIVE_MS = 10_000
"""How often the reader says that it is there."""
_RO_SPEC = 1


def llrp_requests() -> Iterator[bytes]:
    """Yield what a reader is asked, one after the other.

    Raises:
        ValueError: pyllrp is not installed.
    """
    llrp = _library()
    keepalive = llrp.KeepaliveSpec_Parameter(
        KeepaliveTriggerType=llrp.KeepaliveTriggerType.Periodic,
        PeriodicTriggerValue=KEEPALIVE_MS,
    )
    messages = [
        # What another program left behind would go on reporting in its own way.
        llrp.DELETE_ROSPEC_Message(ROSpecID=0),
        llrp.SET_READER_CONFIG_Message(Parameters=[keepalive]),
        llrp.ADD_ROSPEC_Message(Parameters=[_read_all_tags(llrp)]),
        llrp.ENABLE_ROSPEC_Message(ROSpecID=_RO_SPEC),
        llrp.START_ROSPEC_Message(ROSpecID=_RO_SPEC),
    ]
    for number, message in enumerate(messages, start=1):
        message.MessageID = number
        sent = _Sent()
        message.send(sent)
        yield sent.data


def _library() -> Any:
    try:
        from pyllrp import pyllrp
    except ImportError:
        raise ValueError(
            "protocol llrp needs: pip install fsc-logistics[llrp]."
        ) from None
    return pyllrp


def _read_all_tags(llrp: Any) -> Any:
    """Return the order to read on every antenna until told otherwise, and tell."""
    return llrp.ROSpec_Parameter(
        ROSpecID=_RO_SPEC,
        CurrentState=llrp.ROSpecState.Disabled,
        Parameters=[
            llrp.ROBoundarySpec_Parameter(
                Parameters=[
                    llrp.ROSpecStartTrigger_Parameter(
                        ROSpecStartTriggerType=llrp.ROSpecStartTriggerType.Null
                    ),
                    llrp.ROSpecStopTrigger_Parameter(
                        ROSpecStopTriggerType=llrp.ROSpecStopTriggerType.Null
                    ),
                ]
            ),
            llrp.AISpec_Parameter(
                AntennaIDs=[0],
                Parameters=[
                    llrp.AISpecStopTrigger_Parameter(
                        AISpecStopTriggerType=llrp.AISpecStopTriggerType.Null
                    ),
                    llrp.InventoryParameterSpec_Parameter(
                        InventoryParameterSpecID=1,
                        ProtocolID=llrp.AirProtocols.EPCGlobalClass1Gen2,
                    ),
                ],
            ),
            llrp.ROReportSpec_Parameter(
                ROReportTrigger=llrp.ROReportTriggerType.Upon_N_Tags_Or_End_Of_ROSpec,
                N=1,
                Parameters=[
                    llrp.TagReportContentSelector_Parameter(
                        EnableAntennaID=True, EnablePeakRSSI=True
                    )
                ],
            ),
        ],
    )


class _Sent:
    """What the library takes for a socket."""

    def __init__(self) -> None:
        self.data = b""

    def sendall(self, data: bytes) -> None:
        self.data += data
