"""The station screen as it stands in a terminal, without one."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from textual import events
from watching import MOVED, NOW, habits, port, scan, state, told

from fsc_logistics.cli.watch.picture import Look
from fsc_logistics.cli.watch.screen import Poster, WatchScreen
from fsc_logistics.cli.watch.service import ask_state
from scanner.scan import Outcome
from scanner.telling.pages import Page, Pages

OUT = {"mode": "OUT", "party": "ANNA", "operator": "METTE"}
COLOURS = {
    Outcome.OK: "#00702C",
    Outcome.ALREADY: "#0B4FB3",
    Outcome.SET: "#F2F4F5",
    Outcome.LOOKED: "#33414D",
    Outcome.UNKNOWN: "#B3001B",
    Outcome.REFUSED: "#B3001B",
    Outcome.STORED: "#FFB000",
    Outcome.NOT_SAVED: "#FF3B30",
}

SCREEN = """\
 DOCK-1 · HORSENS                                                      10:30:12
           ▄▀▀▀▄ █   █ ▀▀█▀▀         ▀▄      ▄▀▀▀▄ █▄  █ █▄  █ ▄▀▀▀▄
           █   █ █   █   █       ▄▄▄▄▄▄█     █▄▄▄█ █▀▄ █ █▀▄ █ █▄▄▄█
           █   █ █   █   █            ▄▀     █   █ █  ██ █  ██ █   █
            ▀▀▀   ▀▀▀    ▀           ▀       ▀   ▀ ▀   ▀ ▀   ▀ ▀   ▀
                                     METTE
                              back to LOOK in 9:55
                                    RECORDED
            █     ▄▀▀▀▄ █   █ ▀█▀      ▄▀▀▀▄ ▄▀▀▀▄ ▄▀▀▀▄ ▄▀▀▀▄ ▄▀▀▀▄ ▀▀▀▀█
           █      █   █  ▀▄▀   █  ▄▄▄▄ █ ▄ █ █ ▄ █ █ ▄ █ █ ▄ █ █ ▄ █   ▄▀
      ▀▄ ▄▀       █   █ ▄▀ ▀▄  █       █   █ █   █ █   █ █   █ █   █   █
        ▀          ▀▀▀  ▀   ▀ ▀▀▀       ▀▀▀   ▀▀▀   ▀▀▀   ▀▀▀   ▀▀▀    ▀
     █▀▀▀▄ █▀▀▀▀ █▀▀▀▄ ▄▀▀▀▄ ▀▀█▀▀         ▀▄      ▄▀▀▀▄ █▄  █ █▄  █ ▄▀▀▀▄
     █   █ █▄▄▄  █▄▄▄▀ █   █   █       ▄▄▄▄▄▄█     █▄▄▄█ █▀▄ █ █▀▄ █ █▄▄▄█
     █   █ █     █     █   █   █            ▄▀     █   █ █  ██ █  ██ █   █
     ▀▀▀▀  ▀▀▀▀▀ ▀      ▀▀▀    ▀           ▀       ▀   ▀ ▀   ▀ ▀   ▀ ▀   ▀
              OXI-NONIN-3150  ·  DEPOT @ H-B-03 → ANNA @ VAN-ANNA

                        Scan each device that goes out.
          ▀▀▀█▀ ▀▀▀▀█            recorded since 10:22
            ▀▄    ▄▀             2 there already, 1 unknown
          ▄   █   █              Unknown codes 10:29
           ▀▀▀    ▀
 ● DOCK-1   ○ GATE away"""


class Service:
    """What the screen asks; a test changes what it says."""

    def __init__(self, said):
        self.said = said

    def __call__(self):
        return self.said


async def settled(pilot, is_so):
    """Wait until the screen is as the test wants it."""
    for _ in range(600):
        if pilot.app.shown is not None and is_so(pilot.app.shown):
            await pilot.pause()
            return
        await pilot.pause(0.05)
    raise AssertionError(f"waited in vain; shown is {pilot.app.shown}")


def text_of(app):
    """Return what stands on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


def shown(said, *, size=(80, 24), language="en", look=None):
    """Return the text and the colour of the picture, once `said` is shown."""

    async def run():
        app = WatchScreen(lambda: said, habits(language), lambda: NOW)
        async with app.run_test(size=size) as pilot:
            await settled(pilot, lambda view: look is None or view.look is look)
            picture = app.query_one("#picture", Poster)
            return text_of(app), picture.styles.background.hex

    return asyncio.run(run())


def test_the_screen_at_eighty_by_twenty_four():
    last = [scan("ok", **MOVED), scan("unknown", seconds=60)]
    counts = {"ok": 37, "already": 2, "unknown": 1}

    text, _ = shown(
        state(
            port(*last, counts=counts, **OUT),
            port(name="GATE", is_open=False),
        )
    )

    assert text == SCREEN


@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_its_colour(outcome):
    said = state(port(scan(outcome.value, **MOVED), **OUT))

    _, colour = shown(said)

    assert colour == COLOURS[outcome]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 12)])
@pytest.mark.parametrize("outcome", Outcome)
def test_a_screen_of_any_size_shows_all_that_matters(outcome, size):
    facts = MOVED | {"say": "take_back"}
    said = state(port(scan(outcome.value, "m", **facts), counts={"ok": 1}, **OUT))

    text, _ = shown(said, size=size)

    lines = text.split("\n")
    assert len(lines) == size[1]
    assert all(len(line) <= size[0] for line in lines)
    assert lines[0].startswith(" DOCK-1 · HORSENS")
    assert lines[-1].startswith(" ● DOCK-1")


def test_the_screen_says_when_the_service_is_gone_and_finds_it_again():
    service = Service(state(port(scan("ok", **MOVED))))

    async def run():
        app = WatchScreen(service, habits(), lambda: NOW, ask_every_s=0.01)
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot, lambda view: view.look is Look.OK)
            service.said = None
            await settled(pilot, lambda view: view.look is Look.AWAY)
            gone = text_of(app)
            service.said = state(port(scan("already", **MOVED)))
            await settled(pilot, lambda view: view.look is Look.ALREADY)
            return gone, text_of(app)

    gone, back = asyncio.run(run())

    assert "Start it: fsc scanner run." in gone
    assert "OXI-NONIN-3150" not in gone
    assert "OXI-NONIN-3150" in back


def test_q_closes_it():
    service = Service(state(port()))

    async def run():
        app = WatchScreen(service, habits(), lambda: NOW, ask_every_s=0.01)
        async with app.run_test() as pilot:
            await settled(pilot, lambda _: True)
            await pilot.press("q")
        return app.return_code

    # It waits for the thread that asks: one that went on would hold it for ever.
    assert asyncio.run(run()) == 0


def test_an_answer_that_comes_while_it_is_closed_is_not_drawn():
    late = state(port(scan("ok", **MOVED)))
    closing = []

    async def run():
        app = WatchScreen(lambda: None, habits(), lambda: NOW)

        def answer(message):
            if isinstance(message, events.Unmount):
                closing.append(message)
                app.show(late)

        async with app.run_test(message_hook=answer) as pilot:
            await settled(pilot, lambda view: view.look is Look.AWAY)
        return app.shown.look

    assert asyncio.run(run()) is Look.AWAY
    assert closing


def test_a_scan_is_no_markup():
    said = state(port(scan("refused", "[red]KIT[/red] [/oops]", device="[b]")))

    text, _ = shown(said)

    assert "[red]KIT[/red] [/oops]" in text


# Asking the service


@pytest.fixture
def pages():
    """A server of the service's own kind, that says what a test wants."""
    said = {"page": told(port(scan("ok", **MOVED)))}
    server = Pages("127.0.0.1:0", {"/state": lambda: Page(json.dumps(said["page"]))})
    yield server.address, said
    server.close()


def test_the_state_is_read_from_the_page_of_the_service(pages):
    address, _ = pages

    found = ask_state(lambda: address)

    assert found == state(port(scan("ok", **MOVED)))


@pytest.mark.parametrize("page", [[], {"station": "HORSENS"}, None])
def test_another_page_is_no_service(pages, page):
    address, said = pages
    said["page"] = page

    assert ask_state(lambda: address) is None


def test_no_address_is_no_service():
    assert ask_state(lambda: None) is None


def test_an_address_of_yesterday_is_no_service(pages):
    address, _ = pages
    gone = Pages("127.0.0.1:0", {})
    gone.close()

    assert ask_state(lambda: gone.address) is None
    assert ask_state(lambda: "http://127.0.0.1:1") is None
    assert ask_state(lambda: address) is not None


def test_what_is_no_page_is_no_service():
    class Babble(BaseHTTPRequestHandler):
        def do_GET(self):
            self.wfile.write(b"\x02not http at all\x03")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Babble) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"

        found = ask_state(lambda: address)

        server.shutdown()
    assert found is None
