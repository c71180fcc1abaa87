"""Take pictures of the station screen beside a service that runs on a demonstration."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont
from rich.color import Color
from rich.style import Style

from fsc_logistics.cli.watch.picture import Look
from fsc_logistics.cli.watch.screen import WatchScreen
from fsc_logistics.cli.watch.service import ask_state
from fsc_logistics.cli.watch.view import Habits
from scanner.journal.status import read_address
from scanner.playing.simulate import SimulatedScanner

SIZE = (80, 24)
CELL = (9, 18)
FONT = "DejaVuSansMono{bold}.ttf"
WAIT_S = 30.0
FSC = (sys.executable, "-c", "from fsc_logistics.cli.main import main; main()")


def screens(demo: Path) -> dict[str, Image.Image]:
    """Return pictures by name: a device recorded, and one that stops."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "centre"
        shutil.copytree(demo, folder, symlinks=True)
        settings = folder / "fsc.toml"
        told = settings.read_text(encoding="utf-8")
        told = told.replace(str(demo.resolve()), str(folder))
        settings.write_text(told, encoding="utf-8")
        moved, recalled = _in_stock(folder)[-2:]
        _fsc(folder, "flag", "raise", "recalled", recalled, "--why", "demonstration")
        with _serving(folder) as scanner:
            began = ["%C:WHO:ANNA", "%C:MODE:OUT", "%P:BO"]
            to_citizen = ["%P:CIT-000005", recalled]
            return {
                "screen-ok.png": _taken(folder, scanner, [*began, moved], Look.OK),
                "screen-stop.png": _taken(folder, scanner, to_citizen, Look.REFUSED),
            }


def _in_stock(folder: Path) -> list[str]:
    devices = json.loads(_fsc(folder, "device", "list", "--json"))
    return [it["device"] for it in devices if it["disposition"] == "available"]


def _fsc(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        [*FSC, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


@contextmanager
def _serving(folder: Path) -> Iterator[SimulatedScanner]:
    """Run the service of the demonstration, with a scanner at its dock."""
    link = folder / "dock-scanner"
    link.unlink(missing_ok=True)
    with SimulatedScanner(link, feedback="honeywell", answer_timeout_s=WAIT_S) as gun:
        service = subprocess.Popen([*FSC, "scanner", "run", "--quiet"], cwd=folder)
        try:
            gun.wait_for_listener(timeout_s=WAIT_S)
            yield gun
        finally:
            service.terminate()
            service.wait(WAIT_S)


def _taken(
    folder: Path, scanner: SimulatedScanner, texts: Sequence[str], look: Look
) -> Image.Image:
    """Return the screen once `texts` were scanned and the last one is shown."""
    address = partial(read_address, folder / "scanner-spool.db")
    habits = Habits(
        language="da",
        timezone=ZoneInfo("Europe/Copenhagen"),
        idle=timedelta(minutes=10),
    )

    async def run() -> Image.Image:
        app = WatchScreen(
            partial(ask_state, address), habits, partial(datetime.now, UTC)
        )
        async with app.run_test(size=SIZE) as pilot:
            for text in texts:
                await asyncio.to_thread(scanner.send, text)
            async with asyncio.timeout(WAIT_S):
                while app.shown is None or app.shown.look is not look:
                    await pilot.pause(0.1)
            await pilot.pause()
            return _drawn(app)

    return asyncio.run(run())


def _drawn(app: WatchScreen) -> Image.Image:
    """Return what stands in the terminal; blocks are drawn, so that they touch."""
    wide, high = CELL
    columns, rows = SIZE
    picture = Image.new("RGB", (columns * wide, rows * high))
    pen = ImageDraw.Draw(picture)
    plain = ImageFont.truetype(FONT.format(bold=""), 15)
    bold = ImageFont.truetype(FONT.format(bold="-Bold"), 15)
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        column = 0
        for segment in strip:
            style = segment.style or Style()
            ink, paper = _rgb(style.color), _rgb(style.bgcolor)
            for letter in segment.text:
                left, top = column * wide, row * high
                right, middle, bottom = left + wide - 1, top + high // 2, top + high - 1
                pen.rectangle((left, top, right, bottom), fill=paper)
                if letter in "▀█":
                    pen.rectangle((left, top, right, middle - 1), fill=ink)
                if letter in "▄█":
                    pen.rectangle((left, middle, right, bottom), fill=ink)
                if letter not in "▀▄█ ":
                    font = bold if style.bold else plain
                    pen.text((left, top), letter, font=font, fill=ink)
                column += 1
    return picture


def _rgb(colour: Color | None) -> tuple[int, ...]:
    return (0, 0, 0) if colour is None else tuple(colour.get_truecolor())
