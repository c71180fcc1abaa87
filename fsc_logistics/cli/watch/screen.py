"""The station screen: a view, drawn in a terminal and kept up to date."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from fsc_logistics.cli.watch.poster import Item, laid_out
from fsc_logistics.cli.watch.state import ServiceState
from fsc_logistics.cli.watch.view import Habits, View, view_of

ASK_EVERY_S = 0.25
CLOCK = "%H:%M:%S"
LINES_MIN = 20
"""A terminal with fewer has room for the last scan, and not for all around it."""

Ask = Callable[[], ServiceState | None]


class Poster(Widget):
    """Texts as large as there is room for."""

    items: reactive[tuple[Item, ...]] = reactive(())

    def render(self) -> Text:
        """Return the lines for the size it has now."""
        width, height = self.size
        text = Text(no_wrap=True, overflow="crop", end="")
        lines = laid_out(self.items, width, height) if height else []
        for number, line in enumerate(lines):
            text.append("\n" if number else "")
            text.append(line.text, style="bold" if line.is_bold else "")
        return text


class WatchScreen(App[None]):
    """Shows what `ask` says of the service, several times a second.

    It only reads: closed or killed, nothing is different for the service.
    """

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = [("q", "quit", "")]
    CSS_PATH = "screen.tcss"

    def __init__(
        self,
        ask: Ask,
        habits: Habits,
        now: Callable[[], datetime],
        *,
        ask_every_s: float = ASK_EVERY_S,
    ) -> None:
        """`now` tells the time, aware."""
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (LINES_MIN, "-high")]
        self._ask = ask
        self._habits = habits
        self._now = now
        self._ask_every_s = ask_every_s
        self.shown: View | None = None

    def compose(self) -> ComposeResult:
        """Make the areas, from the top down."""
        with Horizontal(id="head"):
            yield Static(id="title", markup=False)
            yield Static(id="clock", markup=False)
        yield Poster(id="mode")
        yield Static(id="alerts", markup=False)
        yield Poster(id="picture")
        yield Static(id="hint", markup=False)
        with Horizontal(id="count"):
            yield Poster(id="number")
            with Vertical(id="said"):
                yield Static(id="tally", markup=False)
        yield Static(id="lights", markup=False)

    def on_mount(self) -> None:
        """Begin to ask, beside the drawing: a service that hangs stops no clock."""
        self.run_worker(self._keep_asking())

    async def _keep_asking(self) -> None:
        while self.is_running:
            # Only the asking leaves this thread.  A thread that asked for the drawing,
            # too, could neither know that the areas are still there nor be broken off.
            self.show(await asyncio.to_thread(self._ask))
            await asyncio.sleep(self._ask_every_s)

    def show(self, state: ServiceState | None) -> None:
        """Draw what changed; nothing any more while the screen is being closed."""
        if not self.is_running:  # The areas go first, and an answer may come between.
            return
        now = self._now()
        clock = now.astimezone(self._habits.timezone).strftime(CLOCK)
        self._say("clock", clock)
        view = view_of(state, now, self._habits)
        if view == self.shown:
            return
        self.shown = view
        self._say("title", view.title)
        self.query_one("#mode", Poster).items = view.mode
        self._say("alerts", "\n".join(view.alerts))
        self._say("hint", view.hint)
        picture = self.query_one("#picture", Poster)
        picture.items = view.picture
        picture.set_classes(view.look.value)
        number = self.query_one("#number", Poster)
        number.items = (Item(view.count, is_bold=True),)
        self._say("tally", "\n".join(filter(None, view.tally)))
        self._say("lights", _lights(view))
        for area, is_needed in {
            "mode": view.mode,
            "alerts": view.alerts,
            "hint": view.hint,
            "count": view.count,
            "lights": view.lights,
        }.items():
            self.query_one(f"#{area}").set_class(not is_needed, "unneeded")

    def _say(self, area: str, said: str | Text) -> None:
        self.query_one(f"#{area}", Static).update(said)


def _lights(view: View) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    for light in view.lights:
        text.append(
            f" {'●' if light.is_open else '○'} {light.text}  ",
            style="bold" if light.is_watched else "",
        )
    return text
