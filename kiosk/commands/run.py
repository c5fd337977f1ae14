"""Builds a kiosk from its parts and takes it apart again. Wiring only."""

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pygame
import pygame.freetype

from kiosk.config.command_line import RunOptions
from kiosk.config.settings import read_settings, theme_of
from kiosk.core.assets import asset
from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock, ManualClock, SystemClock
from kiosk.core.errors import NoDisplay
from kiosk.core.home import Home
from kiosk.devices.button import open_button
from kiosk.devices.display import wait_for_display
from kiosk.devices.inputs import Inputs, Together
from kiosk.devices.sound import open_sounds
from kiosk.draw_session import Session
from kiosk.intake.loader import Loader
from kiosk.intake.watcher import Watcher
from kiosk.loop import Loop
from kiosk.open_session import open_books
from kiosk.screen.backend import Backend, open_backend
from kiosk.screen.options import Choice, Rotation
from kiosk.screen.text import Typesetter
from kiosk.screen.view import View
from kiosk.supervise.health_files import HealthFiles
from kiosk.supervise.heartbeat import HeartbeatFile
from kiosk.supervise.memory_limits import Footprint, pss_mb
from kiosk.supervise.status_file import StatusFile
from kiosk.supervise.systemd_notify import Notifier
from kiosk.supervise.watchdog import Vitals

logger = logging.getLogger(__name__)

DISPLAY_POLL_NS = 3 * NS_PER_S
"""How often to look for a display when there is none: a person who plugs one in waits no longer."""
_LEAVE_POLL_NS = 100 * NS_PER_MS
_MORE_TIME_S = 30
"""What the service manager is asked for, each time that there is still no display."""


class LeftWaiting(Exception):
    """Somebody asked to leave while there was no display yet."""


@contextlib.contextmanager
def kiosk_on(
    options: RunOptions, *, random_bytes: Callable[[int], bytes], leaving: Callable[[], bool] = lambda: False
) -> Iterator[Loop]:
    """Yield a loop on the home of `options`.

    Args:
        options: of the command line.
        random_bytes: where secrets come from.
        leaving: whether somebody asked to leave, while there is no display yet.

    Raises:
        LeftWaiting: somebody did.
        HomeError, BusyError, TrustError, LedgerError: the home cannot be used.
        ScreenError: there is no display.
    """
    home = Home(options.home)
    clock: Clock = SystemClock() if options.clock == "real" else ManualClock(utc=SystemClock().utc_now())
    with contextlib.ExitStack() as stack:
        books = stack.enter_context(open_books(home, clock=clock, random_bytes=random_bytes))
        session = books.session
        loaded = read_settings(home.settings, os.environ)
        settings = loaded.settings
        for wrong in loaded.problems:
            logger.error("%s Its default is used.", wrong)
        options = replace(options, fps=options.fps or settings.fps)
        rotate = settings.rotate if options.rotate is None else options.rotate
        if options.theme is None:
            theme, problem = theme_of(settings.theme, home.kiosk)
        else:
            theme, problem = theme_of(options.theme, Path.cwd())
        notifier = Notifier(os.environ)
        stack.callback(notifier.close)
        stack.callback(notifier.stopping)
        say_waiting = partial(_say_waiting, notifier, StatusFile(home.status, SystemClock()), session)
        if options.wait_display:
            wait_for_display(clock, say_waiting, leaving=leaving)
            if leaving():
                raise LeftWaiting
        pygame.font.init()
        pygame.freetype.init()
        stack.callback(pygame.quit)
        backend = _screen(options, settings.backend, rotate, leaving, say_waiting)
        stack.callback(backend.close)
        pygame.mouse.set_visible(False)
        inputs = Inputs(windowed=options.window is not None)
        inputs.open_devices()
        button = open_button(
            pin=settings.button_pin,
            led_pin=settings.button_led_pin,
            debounce_ms=settings.button_debounce_ms,
            hold_ms=settings.button_hold_ms,
            clock=clock,
        )
        stack.callback(button.close)
        view = View(backend, theme, Typesetter())
        loader = Loader(home, session, view, clock=SystemClock())
        watcher = Watcher(home.snapshots, loader.look)
        wanted = settings.sounds and theme.sounds and not options.silent and options.clock == "real"
        sounds = open_sounds(asset("sounds"), wanted=wanted)
        stack.callback(sounds.close)
        vitals = Vitals(
            clock=clock,
            notifier=notifier,
            watcher_alive=lambda: watcher.alive,
            button=button,
            home=home.kiosk,
            also=(HeartbeatFile(options.heartbeat),) if options.heartbeat else (),
        )
        loop = Loop(
            first=loader.first(),
            session=session,
            clerk=books.clerk,
            loader=loader,
            view=view,
            backend=backend,
            inputs=Together((inputs, button)),
            clock=clock,
            home=home,
            options=options,
            texts=theme.texts,
            caption=settings.caption,
            sounds=sounds,
            heartbeat=vitals,
            vitals=vitals,
            footprint=Footprint(
                clock,
                soft_mb=settings.memory_soft_mb,
                hard_mb=settings.memory_hard_mb,
                drop=view.drop_caches,
                measure=pss_mb,
            ),
            problem=" ".join((*map(str, loaded.problems), problem)).strip(),
            watcher_alive=lambda: watcher.alive,
        )
        watcher.start()
        stack.callback(watcher.stop)
        if options.clock == "real":
            files = HealthFiles(
                vitals.report,
                health=_file(home, settings.health_file),
                metrics=_file(home, settings.metrics_file),
            )
            files.start()
            stack.callback(files.stop)
        yield loop


def _screen(
    options: RunOptions, choice: Choice, rotate: Rotation, leaving: Callable[[], bool], tell: Callable[[str, int], None]
) -> Backend:
    """Open the screen. In full screen a display that is not there yet is waited for: it may be switched on later.

    Raises:
        LeftWaiting: somebody asked to leave meanwhile.
        NoDisplay: a window was asked for, and there is none to be had.
        ScreenError: there is a display, and nothing draws on it.
    """
    clock, told = SystemClock(), False
    while True:
        try:
            return open_backend(options.backend or choice, options.window, vsync=options.clock == "real", rotate=rotate)
        except NoDisplay as error:
            if options.window is not None:
                raise
            if not told:
                logger.warning("%s Waiting for it; looking every %d s.", error.message, DISPLAY_POLL_NS // NS_PER_S)
            told = True
            tell("waiting for a display", _MORE_TIME_S)
        pygame.display.quit()  # SDL looks for displays when it starts
        look_ns = clock.monotonic_ns() + DISPLAY_POLL_NS
        while clock.monotonic_ns() < look_ns:
            if leaving():
                raise LeftWaiting
            clock.sleep_ns(_LEAVE_POLL_NS)


def _say_waiting(notifier: Notifier, status: StatusFile, session: Session, text: str, seconds: int) -> None:
    status.wait_for(text, session)
    notifier.status(text)
    notifier.starting_takes(seconds)


def _file(home: Home, name: str) -> Path | None:
    """Return the file that a key of kiosk.toml names, None if it names none."""
    return home.kiosk / name if name else None
