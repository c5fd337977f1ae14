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

from kiosk.app.config import RunOptions
from kiosk.app.loader import Loader
from kiosk.app.loop import Loop
from kiosk.app.settings import read_settings, theme_of
from kiosk.app.vitals import Vitals
from kiosk.assets import asset
from kiosk.clerk import Clerk
from kiosk.clock import Clock, ManualClock, SystemClock
from kiosk.devices.button import open_button
from kiosk.devices.display import wait_for_display
from kiosk.devices.health import HealthFiles
from kiosk.devices.heartbeat import HeartbeatFile
from kiosk.devices.inputs import Inputs, Together
from kiosk.devices.notify import Notifier
from kiosk.devices.sound import open_sounds
from kiosk.durable import make_directory, process_lock, sweep
from kiosk.home import Home, kiosk_key
from kiosk.ledger.checkpoints import Checkpoints
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.secrets import SecretStore
from kiosk.screen.backend import open_backend
from kiosk.screen.text import Typesetter
from kiosk.screen.view import View
from kiosk.session import Session
from kiosk.snapshot.envelope import keyid_of
from kiosk.snapshot.watcher import Watcher

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def kiosk_on(options: RunOptions, *, random_bytes: Callable[[int], bytes]) -> Iterator[Loop]:
    """Yield a loop on the home of `options`.

    Raises:
        HomeError, BusyError, TrustError, LedgerError: the home cannot be used.
        ScreenError: there is no display.
    """
    home = Home(options.home)
    clock: Clock = SystemClock() if options.clock == "real" else ManualClock(utc=SystemClock().utc_now())
    with contextlib.ExitStack() as stack:
        ledger, session = _draw_on(home, clock, stack, random_bytes=random_bytes)
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
        if options.wait_display:
            wait_for_display(clock, partial(_say_waiting, notifier))
        pygame.font.init()
        pygame.freetype.init()
        backend = open_backend(
            options.backend or settings.backend, options.window, vsync=options.clock == "real", rotate=rotate
        )
        stack.callback(pygame.quit)
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
        loader = Loader(home, session, view)
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
            clerk=Clerk(ledger=ledger, session=session),
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


def _draw_on(
    home: Home, clock: Clock, stack: contextlib.ExitStack, *, random_bytes: Callable[[int], bytes]
) -> tuple[Ledger, Session]:
    """Return the ledger and the session on `home`, and leave it to `stack` to close them."""
    for directory in (home.kiosk, home.trusted, home.adopted):
        make_directory(directory)
    make_directory(home.secrets, mode=0o700)
    stack.enter_context(process_lock(home.kiosk_lock, holder="A kiosk"))
    for directory in (home.kiosk, home.adopted, home.secrets):
        sweep(directory)
    ledger = Ledger(home.ledger, clock=clock)
    stack.callback(ledger.close)
    key = kiosk_key(home.kiosk_key, public=home.kiosk_public_key)
    checkpoints = Checkpoints(home.checkpoints, key=key)
    stack.callback(checkpoints.close)
    checkpoints.check(home.ledger)
    session = Session(
        ledger=ledger,
        secrets=SecretStore(home.secrets, random_bytes=random_bytes),
        kiosk_id=keyid_of(key.public_key()),
        checkpoints=checkpoints,
    )
    session.sign_head()
    session.forget_superseded_secrets()
    return ledger, session


def _say_waiting(notifier: Notifier, text: str, seconds: int) -> None:
    notifier.status(text)
    notifier.starting_takes(seconds)


def _file(home: Home, name: str) -> Path | None:
    """Return the file that a key of kiosk.toml names, None if it names none."""
    return home.kiosk / name if name else None
