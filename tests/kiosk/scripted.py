"""A small home, and a kiosk on simulated time that a script drives through what the parts offer.

`scripted_kiosk` takes fakes for anything outside the program: presses come from a `Script`, scenes are seen by a
`Screen` that draws through the real view or draws nothing.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pygame
from msgspec.structs import replace
from pygame import Surface

from kiosk.assembly import Kiosk, Platform, assemble
from kiosk.config.command_line import RunOptions
from kiosk.config.effective import effective_settings
from kiosk.core.clock import NS_PER_S, Clock, ManualClock
from kiosk.core.errors import HomeError
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.devices.inputs import Action
from kiosk.devices.sound import Silence
from kiosk.intake.arrivals import arrivals_of
from kiosk.intake.loader import Loader
from kiosk.pace import POLL_NS
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.scene import Face, Scene
from kiosk.screen.themes.theme import BUILT_IN
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.session.draw_session import Session
from kiosk.session.open_session import open_session
from kiosk.supervise.health.machine import MachineHealth
from kiosk.supervise.run_report import RunReport
from kiosk.supervise.systemd_notify import Notifier
from tests.support import KEY, counted_bytes, publish, snapshot

Press = tuple[float, Action]
Deed = tuple[float, Callable[[], object]]

SIZE = (800, 480)


class Script:
    """Presses, and does other things, each at its second of simulated time."""

    def __init__(self, clock: Clock, presses: Sequence[Press] = (), deeds: Sequence[Deed] = ()) -> None:
        self._clock = clock
        self._presses = sorted(presses, key=lambda one: one[0])
        self._deeds = sorted(deeds, key=lambda one: one[0])

    def poll(self) -> list[Action]:
        now = self._clock.monotonic_ns()
        while self._deeds and self._deeds[0][0] * NS_PER_S <= now:
            self._deeds.pop(0)[1]()
        due = [one for one in self._presses if one[0] * NS_PER_S <= now]
        self._presses = self._presses[len(due) :]
        return [action for _, action in due]


class Screen:
    """Stands in front of a view, or of none: notes every scene, and fails or goes dark when told to.

    Args:
        view: draws; None draws nothing, quickly.

    Attributes:
        scenes: every scene that was to be drawn, in order.
        drawn: for each scene whether it reached the screen; None where drawing raised.
        fails: says for which scenes drawing raises.
        wheel_shown: done when another wheel is shown.
        ready_fails: says whether preparing a wheel raises.
        breaks_off: drawing raises once, after the scene is drawn.
        dark: no frame reaches the screen any more.
        gone: the screen no longer takes a picture that stands.
    """

    def __init__(self, view: View | None = None) -> None:
        self.view = view
        self.scenes: list[Scene] = []
        self.fails: Callable[[Scene], bool] = lambda scene: False
        self.wheel_shown: Callable[[], object] = lambda: None
        self.ready_fails: Callable[[], bool] = lambda: False
        self.drawn: list[bool | None] = []
        self.breaks_off = False
        self.dark = False
        self.gone = False

    @property
    def pegs(self) -> Sequence[int]:
        return self.view.pegs if self.view else ()

    @property
    def said(self) -> list[str]:
        """Every notice that stood on the status line, and the messages behind them, in order."""
        return list(dict.fromkeys(said for scene in self.scenes for said in (*scene.notices, *scene.faults)))

    def learn(self, face: Face) -> None:
        if self.view:
            self.view.learn(face)

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        return self.view.paint_wheel(face, angle) if self.view else Surface((1, 1))

    def show_wheel(self, face: Face, image: Surface, angle: int) -> None:
        self.wheel_shown()
        if self.view:
            self.view.show_wheel(face, image, angle)

    def get_ready(self) -> None:
        if self.ready_fails():
            raise ValueError("no font")
        if self.view:
            self.view.get_ready()

    def draw(self, scene: Scene) -> bool:
        self.scenes.append(scene)
        self.drawn.append(None)
        if self.fails(scene):
            raise ValueError("no such picture")
        drawn = not self.dark and (self.view is None or self.view.draw(scene))
        if self.breaks_off:
            self.breaks_off = False
            raise ValueError("half drawn")
        self.drawn[-1] = drawn
        return drawn

    def show_again(self, scene: Scene) -> None:
        if self.gone:
            raise OSError("the display is gone")
        if self.view:
            self.view.show_again(scene)

    def redraw(self) -> None:
        if self.view:
            self.view.redraw()

    def caches(self) -> dict[str, tuple[int, int]]:
        return self.view.caches() if self.view else {}

    def drop_caches(self) -> None:
        if self.view:
            self.view.drop_caches()

    def capture(self, scene: Scene) -> Surface:
        assert self.view, "only a view has pictures"
        return self.view.capture(scene)


class Manager:
    """A service manager that notes when it hears what."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.beats: list[float] = []
        self.ready_at: list[float] = []
        self.said: list[str] = []

    def ready(self) -> None:
        self.ready_at.append(self._clock.monotonic_ns() / NS_PER_S)

    def alive(self) -> None:
        self.beats.append(self._clock.monotonic_ns() / NS_PER_S)

    def status(self, text: str) -> None:
        if text not in self.said[-1:]:
            self.said.append(text)

    def silence_s(self, end: float) -> float:
        """Return the longest time without a beat, until `end`."""
        return max(later - earlier for earlier, later in zip(self.beats, [*self.beats[1:], end], strict=True))


class Led:
    """A button that nobody presses, with an LED that notes when it is switched."""

    settling = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.changes: list[tuple[float, bool]] = []

    def poll(self) -> list[Action]:
        return []

    def say_ready(self, *, ready: bool) -> None:
        self.changes.append((round(self._clock.monotonic_ns() / NS_PER_S, 1), ready))

    def close(self) -> None: ...


@dataclass
class Scripted:
    """A kiosk under a script.

    Attributes:
        watcher_alive: what the kiosk believes about its watcher.
        every: done at each poll.
    """

    kiosk: Kiosk
    clock: ManualClock
    screen: Screen
    manager: Manager
    led: Led
    session: Session
    loader: Loader
    home: Home
    presses: list[Press] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    watcher_alive: bool = True
    every: Callable[[], object] = lambda: None
    _script: Script | None = None

    def poll(self) -> list[Action]:
        self.every()
        if self._script is None:
            self._script = Script(self.clock, self.presses, self.deeds)
        return self._script.poll()

    def run(self, *presses: Press, deeds: Sequence[Deed] = ()) -> RunReport:
        """Run until the script leaves; returns the report."""
        self.presses, self.deeds = [*self.presses, *presses], [*self.deeds, *deeds]
        return self.kiosk.run()

    @property
    def beats(self) -> list[float]:
        """When the heart beat, in seconds."""
        return self.manager.beats

    def look(self) -> None:
        """Look for files, as the watcher does."""
        with contextlib.suppress(HomeError):
            self.loader.look()


@contextlib.contextmanager
def scripted_kiosk(
    home: Home,
    *,
    fps: int = 10,
    spins: int | None = None,
    drawing: bool = True,
    size: tuple[int, int] = SIZE,
    **platform: Any,
) -> Iterator[Scripted]:
    """Yield a kiosk on simulated time, with no watcher but the script.

    Args:
        home: where.
        fps: frames a second.
        spins: as `--spins`.
        drawing: whether pictures are drawn; without them it is quick.
        size: of the window.
        **platform: what else to replace in the platform: `memory_mb`, `machine`, `idle_ns`.
    """
    clock = ManualClock()
    options = RunOptions(home=home.root, window=size, backend="software", clock="simulated", fps=fps, spins=spins)
    with contextlib.ExitStack() as stack:
        books = stack.enter_context(open_session(home, clock=clock, random_bytes=counted_bytes()))
        session, clerk = books.session, books.clerk
        pygame.display.init()
        view = None
        if drawing:
            pygame.font.init()
            pygame.freetype.init()
            backend = open_backend("software", size, vsync=False)
            stack.callback(pygame.quit)
            stack.callback(backend.close)
            view = View(backend, BUILT_IN, Typesetter())
            stack.callback(view.close)
        screen, manager, led = Screen(view), Manager(clock), Led(clock)
        loader = Loader(home, session, cast("View", screen), clock=clock)
        found: list[Scripted] = []
        kiosk = assemble(
            home,
            session,
            clerk,
            arrivals_of(loader, session, clerk, lambda: not found or found[0].watcher_alive),
            platform=replace(
                Platform(
                    clock=clock,
                    machine_clock=clock,
                    view=cast("View", screen),
                    renderer=Renderer(),
                    inputs=Polled(found),
                    button=led,
                    sounds=Silence(),
                    notifier=cast("Notifier", manager),
                    memory_mb=lambda: None,
                    machine=lambda home: MachineHealth(),
                    idle_ns=POLL_NS,  # a script does not wake the loop
                ),
                **platform,
            ),
            options=options,
            effective=effective_settings(home, options),
        )
        found.append(Scripted(kiosk, clock, screen, manager, led, session, loader, home))
        yield found[0]


class Renderer:
    name = driver = "scripted"

    def take_up(self) -> None: ...


class Polled:
    """Asks the script, which exists only after the kiosk does."""

    def __init__(self, found: list[Scripted]) -> None:
        self._found = found

    def poll(self) -> list[Action]:
        return self._found[0].poll()


def small_home(directory: Path, *, people: int = 6) -> Home:
    """Make a home with a published list."""
    home = Home(directory)
    for path in (home.snapshots, home.trusted):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(people=people))
    return home
