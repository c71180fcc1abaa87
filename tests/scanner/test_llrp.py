import queue
import socket
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyllrp import pyllrp as llrp

from scanner.port import Port
from scanner.protocols.llrp import MESSAGE_BYTES_MAX, LlrpDecoder
from scanner.protocols.read import Noise, Read, Reply
from scanner.settings import PortSettings

# Told by a reader on the air, as published with sllurp (tests/ro_access_report.py):
# the EPC, antenna 1, -40 dBm, when it was first seen.
CAPTURED_TAG = bytes.fromhex(
    "00f0001f 8d 35e0170043babbce0000141d 810001 86d8 820003dc308b3efa9f"
)
CAPTURED = bytes.fromhex("043d 00000029 00000007") + CAPTURED_TAG


class Wire:
    """Both ends of what pyllrp takes for a socket."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def sendall(self, data: bytes) -> None:
        self.data += data

    def recv(self, count: int) -> bytes:
        data, self.data = self.data[:count], self.data[count:]
        return data


def packed(message: object) -> bytes:
    """Return the bytes of a message as pyllrp packs it."""
    wire = Wire()
    message.send(wire)
    return wire.data


def unpacked(data: bytes) -> object:
    return llrp.UnpackMessageFromSocket(Wire(data))


def answer(request: object, status: int = 0) -> bytes:
    """Return how a reader answers `request`."""
    return packed(
        llrp.GetResponseClass(request)(
            MessageID=request.MessageID,
            Parameters=[llrp.LLRPStatus_Parameter(StatusCode=status)],
        )
    )


def connected(status: int) -> bytes:
    return packed(
        llrp.READER_EVENT_NOTIFICATION_Message(
            MessageID=1,
            Parameters=[
                llrp.ReaderEventNotificationData_Parameter(
                    Parameters=[
                        llrp.UTCTimestamp_Parameter(Microseconds=1),
                        llrp.ConnectionAttemptEvent_Parameter(Status=status),
                    ]
                )
            ],
        )
    )


def tag(epc: bytes, antenna: int = 1, rssi_dbm: int = -50) -> object:
    """Return what a reader tells of a tag; an EPC of 96 bits has a form of its own."""
    if len(epc) == 12:
        told = llrp.EPC_96_Parameter(EPC=int.from_bytes(epc))
    else:
        told = llrp.EPCData_Parameter(EPC=epc)
    return llrp.TagReportData_Parameter(
        Parameters=[
            told,
            llrp.ROSpecID_Parameter(ROSpecID=1),
            llrp.AntennaID_Parameter(AntennaID=antenna),
            llrp.PeakRSSI_Parameter(PeakRSSI=rssi_dbm),
            llrp.LastSeenTimestampUTC_Parameter(Microseconds=2**60),
        ]
    )


def report(*tags: object) -> bytes:
    return packed(llrp.RO_ACCESS_REPORT_Message(MessageID=9, Parameters=list(tags)))


def fed(decoder: LlrpDecoder, *chunks: bytes) -> list[Read | Reply | Noise]:
    return [item for chunk in chunks for item in decoder.feed(chunk)]


def requests(items: list[Read | Reply | Noise]) -> list[object]:
    return [unpacked(item.data) for item in items if isinstance(item, Reply)]


def reading() -> LlrpDecoder:
    """Return a decoder whose reader was told all, and reads."""
    decoder = LlrpDecoder()
    asked = requests(list(decoder.opened()))
    while asked:
        asked = requests(fed(decoder, answer(asked[0])))
    return decoder


def test_a_published_capture_is_read():
    assert fed(LlrpDecoder(), CAPTURED) == [
        Read(
            raw=bytes.fromhex("35e0170043babbce0000141d"),
            text="35E0170043BABBCE0000141D",
            symbology="",
            antenna=1,
            rssi_dbm=-40,
        )
    ]


@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=31).map(lambda half: half * 2),
            st.integers(1, 65_535),
            st.integers(-128, 127),
        ),
        max_size=8,
    )
)
def test_what_is_read_is_what_another_library_packed(tags):
    message = report(*(tag(*one) for one in tags))

    items = fed(LlrpDecoder(), message)

    assert [(item.raw, item.antenna, item.rssi_dbm) for item in items] == tags
    assert [item.text for item in items] == [epc.hex().upper() for epc, _, _ in tags]


def test_a_tag_of_which_only_the_epc_is_told_is_read():
    only = llrp.TagReportData_Parameter(Parameters=[llrp.EPC_96_Parameter(EPC=1)])

    [read] = fed(LlrpDecoder(), report(only))

    assert (read.text, read.antenna, read.rssi_dbm) == ("0" * 23 + "1", 0, None)


def test_a_tag_without_an_epc_has_no_name_and_is_passed_over():
    assert fed(LlrpDecoder(), report(tag(b""))) == []


def test_each_step_is_asked_when_the_one_before_is_answered():
    decoder = LlrpDecoder()
    asked = requests(list(decoder.opened()))
    for step in range(4):
        asked += requests(fed(decoder, answer(asked[step])))

    assert fed(decoder, answer(asked[4])) == []
    assert [type(message).Name for message in asked] == [
        "DELETE_ROSPEC",
        "SET_READER_CONFIG",
        "ADD_ROSPEC",
        "ENABLE_ROSPEC",
        "START_ROSPEC",
    ]


def test_a_reader_that_reads_is_asked_nothing_more():
    decoder = reading()

    assert [item for _ in range(20) for item in decoder.silence()] == []


def test_a_step_without_an_answer_is_asked_again_ever_more_seldom():
    decoder = LlrpDecoder()
    list(decoder.opened())

    asked = [len(list(decoder.silence())) for _ in range(16)]

    assert asked == [1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_an_order_the_reader_refuses_is_told_once_and_begun_anew_after_a_pause():
    decoder = LlrpDecoder()
    asked = requests(list(decoder.opened()))
    for step in range(2):
        asked += requests(fed(decoder, answer(asked[step])))
    refused = answer(asked[2], status=100)

    assert fed(decoder, refused) == [Noise.FAULT]
    [again] = requests(list(decoder.silence()))
    assert type(again).Name == "DELETE_ROSPEC"


def test_a_reader_without_orders_or_settings_of_ours_still_reads():
    decoder = LlrpDecoder()
    [delete] = requests(list(decoder.opened()))
    [configure] = requests(fed(decoder, answer(delete, status=100)))
    [add] = requests(fed(decoder, answer(configure, status=100)))

    assert type(add).Name == "ADD_ROSPEC"


def test_a_reader_that_somebody_else_uses_says_so():
    assert fed(LlrpDecoder(), connected(0)) == []
    assert fed(LlrpDecoder(), connected(2)) == [Noise.FAULT]


def test_that_the_reader_is_there_is_confirmed():
    [reply] = fed(LlrpDecoder(), packed(llrp.KEEPALIVE_Message(MessageID=77)))

    confirmed = unpacked(reply.data)
    assert (type(confirmed).Name, confirmed.MessageID) == ("KEEPALIVE_ACK", 77)


def test_a_message_whose_lengths_do_not_add_up_is_noise_and_the_next_is_read():
    bent = bytearray(CAPTURED)
    bent[13] += 1

    items = fed(LlrpDecoder(), bytes(bent), CAPTURED)

    assert items[0] == Noise.DAMAGED
    assert items[-1].text == "35E0170043BABBCE0000141D"


def test_a_message_too_long_to_be_one_is_noise():
    endless = b"\x04\x3d" + (MESSAGE_BYTES_MAX + 1).to_bytes(4) + b"\0\0\0\0"

    assert fed(LlrpDecoder(), endless, CAPTURED)[0] == Noise.DAMAGED


def test_without_the_extra_a_port_cannot_be_set_and_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyllrp", None)

    with pytest.raises(ValueError, match=r"\.$") as missing:
        PortSettings(name="P", url="socket://x:5084", read_point="P", protocol="llrp")

    assert str(missing.value) == "protocol llrp needs: pip install fsc-logistics[llrp]."


class SimulatedReader:
    """An LLRP reader made with pyllrp on a loopback socket; one client at a time."""

    def __init__(self, epcs: list[bytes]) -> None:
        self._epcs = epcs
        self.heard: list[str] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(30)
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "SimulatedReader":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()
        self._server.close()

    def _serve(self) -> None:
        client, _ = self._server.accept()
        with client:
            client.settimeout(30)
            client.sendall(connected(0))
            while "START_ROSPEC" not in self.heard:
                request = llrp.UnpackMessageFromSocket(client)
                self.heard.append(type(request).Name)
                client.sendall(answer(request))
            client.sendall(packed(llrp.KEEPALIVE_Message(MessageID=5)))
            told = b"".join(report(tag(epc, antenna=2)) for epc in self._epcs)
            for byte in range(0, len(told), 7):  # As a network may cut it.
                client.sendall(told[byte : byte + 7])
            confirmed = llrp.UnpackMessageFromSocket(client)
            self.heard.append(type(confirmed).Name)


def test_a_simulated_reader_is_told_to_read_and_its_tags_arrive():
    epcs = [number.to_bytes(12) for number in range(1, 101)]
    texts: queue.SimpleQueue[str] = queue.SimpleQueue()
    with SimulatedReader(epcs) as reader:
        port = Port(reader.url, gap_s=0.1)
        thread = threading.Thread(target=read_port, args=(port, texts))
        thread.start()
        came = [texts.get(timeout=30) for _ in epcs]
    port.close()
    thread.join(30)

    assert came == [epc.hex().upper() for epc in epcs]
    assert reader.heard[-2:] == ["START_ROSPEC", "KEEPALIVE_ACK"]


def read_port(port: Port, texts: "queue.SimpleQueue[str]") -> None:
    """Read `port` as a scanner is read."""
    decoder = LlrpDecoder()
    for chunk in port.chunks():
        items = list(decoder.feed(chunk)) if chunk else list(decoder.silence())
        if chunk is None:
            items += decoder.opened()
        for item in items:
            if isinstance(item, Read):
                texts.put(item.text)
            elif isinstance(item, Reply):
                port.write(item.data)
