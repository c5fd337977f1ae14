"""`wheel-kiosk run`: opens the home, the display and the devices, and closes them again. Wiring only.

Invariant: what is opened is closed in reverse order, however the run ends. The ledger's lock is held first, so that
nothing of a second kiosk on the same home reaches the screen.
"""

import contextlib
import gc
import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pygame
import pygame.freetype

from kiosk.assembly import Kiosk, Platform, assemble
from kiosk.config.command_line import RunOptions
from kiosk.config.effective import EffectiveSettings, effective_settings
from kiosk.core.assets import asset
from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, ManualClock, SystemClock
from kiosk.core.errors import LeftWaiting, NoDisplay
from kiosk.core.home import Home
from kiosk.devices.button import open_button
from kiosk.devices.display import wait_for_display
from kiosk.devices.gpu import why_no_gpu
from kiosk.devices.inputs import CombinedInputs, Inputs
from kiosk.devices.sound import open_sounds, probe_sound
from kiosk.devices.touch import TouchButton
from kiosk.devices.wake import HintedWake, open_wake
from kiosk.devices.x_server import leave_when_lost
from kiosk.intake.arrivals import arrivals_of
from kiosk.intake.loader import Loader
from kiosk.intake.watcher import Watcher
from kiosk.pace import IDLE_NS, POLL_NS
from kiosk.screen.backends.adapter import Backend
from kiosk.screen.backends.opening import open_backend
from kiosk.screen.typography.fonts import fonts_with
from kiosk.screen.typography.typesetter import Typesetter
from kiosk.screen.view import View
from kiosk.session.draw_session import Session
from kiosk.session.open_session import open_session
from kiosk.supervise.health.files import HealthFiles
from kiosk.supervise.status_file import StatusFile
from kiosk.supervise.systemd_notify import Notifier

logger = logging.getLogger(__name__)

DISPLAY_POLL_NS = 3 * NS_PER_S
"""How often to look for a display when there is none."""
_LEAVE_POLL_NS = 100 * NS_PER_MS
_MORE_TIME_S = 30
"""How much longer the service manager is asked to wait, each time that there is still no display."""


def as_opened(platform: Platform) -> Platform:
    """Return the platform as it is; a test replaces parts of it by fakes."""
    return platform


@contextlib.contextmanager
def kiosk_on(
    options: RunOptions,
    *,
    random_bytes: Callable[[int], bytes],
    leaving: Callable[[], bool] = lambda: False,
    fit: Callable[[Platform], Platform] = as_opened,
) -> Iterator[Kiosk]:
    """Yield a kiosk on the home of `options`.

    Args:
        options: of the command line.
        random_bytes: where secrets come from.
        leaving: whether somebody asked to leave, while the kiosk is starting.
        fit: may replace parts of the platform.

    Raises:
        LeftWaiting: somebody did.
        HomeError, BusyError, TrustError, LedgerError: the home cannot be used.
        ScreenError: there is no display.
    """
    home = Home(options.home)
    clock: Clock = SystemClock() if options.clock == "real" else ManualClock(utc=SystemClock().utc_now())
    with contextlib.ExitStack() as stack:
        books = stack.enter_context(open_session(home, clock=clock, random_bytes=random_bytes))
        session, clerk = books.session, books.clerk
        effective = effective_settings(Home(options.rehearsal_of or options.home), options)
        notifier = Notifier(os.environ)
        stack.callback(notifier.close)
        kiosk: Kiosk | None = None

        def tell_stopping() -> None:
            if kiosk is None or not kiosk.stage.rehearsal_asked:  # else it goes on with another home
                notifier.stopping()

        stack.callback(tell_stopping)
        waiting = _Waiting(notifier, StatusFile(home.status, SystemClock()), session, leaving)
        if options.wait_display:
            wait_for_display(clock, waiting.tell, leaving=leaving)
            if leaving():
                raise LeftWaiting
        platform = fit(_open_platform(stack, options, effective, waiting, clock))
        loader = Loader(
            home,
            session,
            platform.view,
            clock=platform.machine_clock,
            leaving=leaving,
            wake=platform.wake.set,
        )
        watcher = Watcher(home.snapshots, loader.look)
        kiosk = assemble(
            home,
            session,
            clerk,
            arrivals_of(loader, session, clerk, lambda: watcher.alive),
            platform=platform,
            options=options,
            effective=effective,
        )
        watcher.start()
        stack.callback(watcher.stop)
        if options.clock == "real":
            files = HealthFiles(
                kiosk.health.report,
                health=_file(home, effective.settings.health_file),
                metrics=_file(home, effective.settings.metrics_file),
            )
            files.start()
            stack.callback(files.stop)
        yield kiosk


class _Waiting(msgspec.Struct, frozen=True):
    """Tells others that the kiosk waits for a display, and knows when to give up."""

    notifier: Notifier
    status: StatusFile
    session: Session
    leaving: Callable[[], bool]

    def tell(self, text: str, seconds: int) -> None:
        self.status.wait_for(text, self.session)
        self.notifier.status(text)
        self.notifier.starting_takes(seconds)


def _open_platform(
    stack: contextlib.ExitStack, options: RunOptions, effective: EffectiveSettings, waiting: _Waiting, clock: Clock
) -> Platform:
    """Open display, inputs, button and sound; `stack` closes them."""
    settings, theme = effective.settings, effective.theme
    probe = probe_sound(wanted=settings.sounds and theme.sounds)  # first: it takes its time beside the rest
    if probe is not None:
        stack.callback(probe.close)
    pygame.font.init()
    pygame.freetype.init()
    stack.callback(pygame.quit)
    backend = _open_screen(
        partial(
            open_backend,
            settings.backend,
            options.window,
            vsync=options.clock == "real",
            rotate=settings.rotate,
            why_no_gpu=partial(why_no_gpu, Home(options.home).gpu_verdict, options.window, settings.rotate),
        ),
        waiting if options.window is None else None,
    )
    stack.callback(backend.close)
    leave_when_lost(pygame.display.get_driver())
    fonts = Typesetter(fonts_with(theme.font))
    stack.callback(gc.collect)  # pygame closes no font any more once it has quit, and each thread had some
    stack.callback(fonts.drop_caches)
    view = View(
        backend,
        theme,
        fonts,
        motion=settings.motion,
        margin=settings.margin,
        touch=settings.touch,
    )
    stack.callback(view.close)
    windowed = options.window is not None
    touch = None
    if settings.touch:
        touch = TouchButton(lambda: view.button, backend.size, rotate=settings.rotate, clock=clock)
    pygame.mouse.set_visible(windowed and settings.touch)
    inputs = Inputs(windowed=windowed, touch=touch)
    inputs.open_devices()
    wake = open_wake(pygame.display.get_driver())
    stack.callback(wake.close)
    button = open_button(
        pin=settings.button_pin,
        led_pin=settings.button_led_pin,
        debounce_ms=settings.button_debounce_ms,
        hold_ms=settings.button_hold_ms,
        clock=clock,
        wake=wake.set,
    )
    stack.callback(button.close)
    sounds = open_sounds(asset("sounds"), probe=probe)
    stack.callback(sounds.close)
    return Platform(
        clock=clock,
        machine_clock=SystemClock(),
        view=view,
        renderer=backend,
        inputs=CombinedInputs((inputs, button)),
        button=button,
        sounds=sounds,
        notifier=waiting.notifier,
        wake=wake,
        idle_ns=IDLE_NS if isinstance(wake, HintedWake) else POLL_NS,
        held=lambda: inputs.held,
    )


def _open_screen(opening: Callable[[], Backend], waiting: _Waiting | None) -> Backend:
    """Open the screen; with `waiting`, wait for a display that is not there yet: it may be switched on later.

    Raises:
        LeftWaiting: somebody asked to leave meanwhile.
        NoDisplay: there is no display, and nobody waits for one.
        ScreenError: there is a display, and nothing draws on it.
    """
    clock, told = SystemClock(), False
    while True:
        try:
            return opening()
        except NoDisplay as error:
            if waiting is None:
                raise
            if not told:
                logger.warning("%s Waiting for it; looking every %d s.", error.message, DISPLAY_POLL_NS // NS_PER_S)
            told = True
            waiting.tell("waiting for a display", _MORE_TIME_S)
        pygame.display.quit()  # SDL looks for displays when it starts
        look_ns = clock.monotonic_ns() + DISPLAY_POLL_NS
        while clock.monotonic_ns() < look_ns:
            if waiting.leaving():
                raise LeftWaiting
            clock.sleep_ns(_LEAVE_POLL_NS)


def _file(home: Home, name: str) -> Path | None:
    """Return the file that a key of kiosk.toml names, None if it names none."""
    return home.kiosk / name if name else None
