"""The real kiosk from its opened files to its loop, on simulated time, drawing nothing.

Invariant: it opens, adopts, spins and records with the code of `kiosk` and no other. A script takes the place of the
operator and of the thread that watches for lists.
"""

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias, cast

from pygame import Surface

from kiosk.assembly import Kiosk, Platform, assemble
from kiosk.config.command_line import RunOptions
from kiosk.config.effective import EffectiveSettings
from kiosk.config.settings import Settings
from kiosk.core.clock import ManualClock, SystemClock
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.devices.button import NoButton
from kiosk.devices.inputs import Action
from kiosk.devices.sound import Silence
from kiosk.intake.arrivals import arrivals_of
from kiosk.intake.loader import Loader
from kiosk.pace import POLL_NS
from kiosk.screen.scene import Face, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.view import View
from kiosk.session.draw_session import Session
from kiosk.session.open_session import open_session
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.systemd_notify import Notifier

FPS = 1
"""Frames a second while the wheel turns: as few as there can be."""


@dataclass(frozen=True, slots=True)
class Scripted:
    """What a script can use: the session, and the loader, whose `look` is the watcher's."""

    session: Session
    loader: Loader


Presented: TypeAlias = Callable[[Scene], None]
"""Is told of each frame that somebody would have seen."""
Script: TypeAlias = Callable[[Scripted], Generator[Action | None, None, None]]
"""Resumed at each frame in idle; yields what is pressed then, or None. At its end the kiosk is left."""


def look(kiosk: Scripted) -> None:
    """Look for lists as the watcher does, who says what is wrong and looks again later."""
    with contextlib.suppress(HomeError):
        kiosk.loader.look()


def spin(times: int = 1) -> Script:
    """Return the script of an operator who presses so often, whenever the wheel stands still."""

    def script(kiosk: Scripted) -> Generator[Action | None, None, None]:
        look(kiosk)
        yield None
        for _ in range(times):
            yield Action.SPIN
        yield None

    return script


def run(
    home: Home, script: Script, *, clock: ManualClock, random_bytes: Callable[[int], bytes], presented: Presented
) -> RunReport:
    """Start a kiosk on `home`, follow `script`, and leave; returns the kiosk's report.

    Raises:
        WheelError: what would have stopped `wheel-kiosk run`.
    """
    with open_session(home, clock=clock, random_bytes=random_bytes) as books:
        session, clerk = books.session, books.clerk
        loader = Loader(home, session, _Painter(), clock=clock)
        operator = _Operator(script(Scripted(session, loader)))
        operator.kiosk = assemble(
            home,
            session,
            clerk,
            arrivals_of(loader, session, clerk, lambda: True),
            platform=Platform(
                clock=clock,
                machine_clock=SystemClock(),
                view=cast("View", _View(presented)),
                renderer=_Renderer(),
                inputs=operator,
                button=NoButton(),
                sounds=Silence(),
                notifier=Notifier({}),
                memory_mb=lambda: None,
                idle_ns=POLL_NS,
            ),
            options=RunOptions(home=home.root, clock="simulated"),
            effective=EffectiveSettings(Settings(fps=FPS), BUILT_IN),
        )
        return operator.kiosk.run()


class _Operator:
    """Presses what the script says."""

    def __init__(self, script: Generator[Action | None, None, None]) -> None:
        self._script = script
        self.kiosk: Kiosk | None = None

    def poll(self) -> list[Action]:
        if self.kiosk is None or not self.kiosk.stage.idle:
            return []
        try:
            pressed = next(self._script)
        except StopIteration:
            return [Action.LEAVE]
        return [] if pressed is None else [pressed]


class _Painter:
    """Paints nothing, at once."""

    def learn(self, face: Face) -> None:
        """Need no fonts."""

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        """Return an empty picture."""
        del face, angle
        return _NOTHING


class _Renderer:
    name = "none"
    driver = "none"

    def take_up(self) -> None: ...


class _View:
    """Shows nothing, and says when."""

    pegs: tuple[int, ...] = ()

    def __init__(self, presented: Presented) -> None:
        self._presented = presented

    def show_wheel(self, face: Face, image: Surface, angle: int) -> None:
        del face, image

    def get_ready(self) -> None:
        pass

    def draw(self, scene: Scene) -> bool:
        self._presented(scene)
        return True

    def show_again(self, scene: Scene) -> None:
        self._presented(scene)

    def redraw(self) -> None:
        pass

    def caches(self) -> dict[str, tuple[int, int]]:
        return {}

    def drop_caches(self) -> None:
        pass


_NOTHING = Surface((1, 1))
