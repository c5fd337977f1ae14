"""What a press for 200 places costs at 3000 entries: `python -m bench.presses`, run by the benchmark as a child.

It presses with the kiosk's own session on a real directory, from the press to the result on the disk, and draws the
board that fills with the winners, frame by frame.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import pygame
import pygame.freetype

from kiosk.core.clock import SystemClock
from kiosk.core.home import Home
from kiosk.draw.modes import NATURAL
from kiosk.draw.protocol import digest
from kiosk.intake.loader import face_of
from kiosk.presenter.boards import press_board, press_pages
from kiosk.presenter.wording import outcome_of
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.effects import filling
from kiosk.screen.scene import Phase, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.session.draw_decision import Decision
from kiosk.session.open_session import open_session
from kiosk.snapshot import names as names_file
from kiosk.snapshot.model import Entry, Event, Listed, Prize, Rules, Snapshot, Source, encode

ENTRIES, PLACES, PRESSES = 3000, 200, 10
FPS = 60
_SIZE = (1920, 1080)


class PressCosts(msgspec.Struct, frozen=True, kw_only=True):
    """Of presses for `PLACES` places.

    Attributes:
        durable_ms: from each press to its result on the disk.
        record_bytes: the largest `result` record.
        frame_ms, frame_p99_ms: wall time of the frames of one board that fills, median and 99th percentile.
        frame_cpu_p99_ms: CPU time of the main thread, 99th percentile.
    """

    durable_ms: list[float]
    record_bytes: int
    frame_ms: float
    frame_p99_ms: float
    frame_cpu_p99_ms: float


def main() -> None:
    """Measure, and print JSON."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    with tempfile.TemporaryDirectory(prefix="wheel-presses-") as directory:
        costs = measure(Path(directory))
    sys.stdout.buffer.write(msgspec.json.encode(costs) + b"\n")


def measure(directory: Path) -> PressCosts:
    """Press `PRESSES` times on a home in `directory`, and draw the board of the last press."""
    home, listed, decision = Home(directory), _listed(), None
    durable_ms: list[float] = []
    with open_session(home, clock=SystemClock(), random_bytes=os.urandom) as books:
        books.session.adopt(listed)
        for _ in range(PRESSES):
            started = time.perf_counter()
            decision = books.session.press(start=0)
            durable_ms.append((time.perf_counter() - started) * 1000)
            books.session.shown(decision, duration_ms=11_000, frames=660)
    if decision is None or len(decision.winners) != PLACES:
        raise RuntimeError(f"a press did not fill {PLACES} places")
    records = home.ledger.read_bytes().split(b"\n")
    wall, cpu = _board_frames(listed, decision)
    return PressCosts(
        durable_ms=durable_ms,
        record_bytes=max(len(record) for record in records if b'"type":"result"' in record),
        frame_ms=statistics.median(wall),
        frame_p99_ms=sorted(wall)[len(wall) * 99 // 100],
        frame_cpu_p99_ms=sorted(cpu)[len(cpu) * 99 // 100],
    )


def _listed() -> Listed:
    """Return a list of `ENTRIES` people and one prize, under rules that let anybody win in each press."""
    names = {f"{number:05d}": f"Participant {number}" for number in range(1, ENTRIES + 1)}
    content = Snapshot(
        generation=1,
        previous="",
        created_at="2026-05-04T09:30:00Z",
        event=Event("0123456789abcdef", "Benchmark"),
        entries=tuple(Entry(ticket, 1, "", 0) for ticket in names),
        names=digest(names_file.encode(names.items(), salt=bytes(32))),
        prizes=(Prize("mugs", "A mug", ENTRIES, 0, PLACES, (), "", ""),),
        rules=Rules("never", household_once=False, presence=True, predetermined=False, order="listed", names="full"),
        entropy=(),
        spins=NATURAL,
        source=Source((), 0, 0),
    )
    return Listed(content, digest(encode(content)), names, "0" * 64)


def _board_frames(listed: Listed, decision: Decision) -> tuple[list[float], list[float]]:
    """Draw every frame from the first name to the full board; returns wall and CPU milliseconds of each."""
    pygame.font.init()
    pygame.freetype.init()
    backend = open_backend("software", _SIZE, vsync=False)
    view = View(backend, BUILT_IN, Typesetter())
    face, texts = face_of(listed, decision.pool), BUILT_IN.texts
    view.learn(face)
    view.show_wheel(face, view.paint_wheel(face))
    pages = press_pages(decision, listed.snapshot.by_prize[decision.prize], texts=texts, caption=False)
    outcome = outcome_of(texts, decision, caption=False)
    wall, cpu = [], []
    for frame in range((filling.full_ms(PLACES) - filling.BOARD_FROM_MS) * FPS // 1000):
        rested_ms = filling.BOARD_FROM_MS + frame * 1000 // FPS
        scene = Scene(
            phase=Phase.RESULT,
            face=face,
            title="Benchmark",
            plan=decision.plan,
            outcome=outcome,
            celebration_ms=rested_ms,
            board=press_board(pages, PLACES, rested_ms),
        )
        started, busy = time.perf_counter(), time.thread_time()
        view.draw(scene)
        cpu.append((time.thread_time() - busy) * 1000)
        wall.append((time.perf_counter() - started) * 1000)
    view.close()
    backend.close()
    return wall, cpu


if __name__ == "__main__":
    main()
