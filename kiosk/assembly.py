"""Wires a kiosk from its parts: what the program is made of, on one page. No display is opened here.

Invariant: everything outside the program comes in as a `Platform`, so that a test can replace any of it by a fake.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from kiosk.auto_spins import AutoSpins
from kiosk.config.command_line import RunOptions
from kiosk.config.effective import EffectiveSettings
from kiosk.controller import Controller
from kiosk.core.clock import Clock, Waitable
from kiosk.core.home import Home
from kiosk.devices.button import Button
from kiosk.devices.inputs import InputSource
from kiosk.devices.sound import Sounds
from kiosk.devices.wake import PlainWake
from kiosk.devices.window import Window
from kiosk.intake.arrivals import Arrivals
from kiosk.intake.prize_pictures import PrizePictures
from kiosk.loop import Loop, Outputs
from kiosk.operator_keys import OperatorKeys
from kiosk.pace import IDLE_NS, Pace
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.presenter.boards import Boards
from kiosk.presenter.diagnostics_page import DiagnosticsPage
from kiosk.presenter.evening_screens import Evening
from kiosk.presenter.notices import Notices
from kiosk.presenter.prize_cards import PrizeCards
from kiosk.presenter.scene_builder import SceneBuilder
from kiosk.screen.screenshots import Pictures
from kiosk.screen.themes.texts import for_touch
from kiosk.screen.view import View
from kiosk.session.draw_session import Session
from kiosk.session.organiser_requests import Clerk
from kiosk.stage import Stage
from kiosk.supervise.disk import DiskGuard
from kiosk.supervise.health.machine import MachineHealth, read_machine
from kiosk.supervise.health.monitor import HealthMonitor
from kiosk.supervise.heartbeat import HeartbeatFile
from kiosk.supervise.memory_guard import MemoryGuard, pss_mb
from kiosk.supervise.memory_tuning import MemoryTuning
from kiosk.supervise.ready_light import ReadyLight
from kiosk.supervise.run_report import RunReport, StartTimer
from kiosk.supervise.sources_monitor import SourcesMonitor
from kiosk.supervise.status_file import StatusFile, StatusWriter
from kiosk.supervise.supervisor import Supervisors
from kiosk.supervise.systemd_notify import Notifier
from kiosk.supervise.watchdog import Watchdog


class Renderer(Protocol):
    """What draws, for the report, and its window; see `kiosk.screen.backends.adapter.Backend`."""

    name: str
    driver: str

    def take_up(self) -> None:
        """Show, restore and raise the window."""
        ...


class Platform(msgspec.Struct, frozen=True):
    """The world outside the program.

    Attributes:
        clock: of the wheel; manual for a simulated run.
        machine_clock: of files and disks, real also in a simulated run.
        view: draws scenes.
        renderer: names what draws.
        inputs: presses.
        button: its LED.
        sounds: ticks and fanfare.
        notifier: to the service manager.
        memory_mb: measures this process; None where that is unknown.
        machine: reads temperature, power and disk.
        wake: ends the sleep of idle.
        idle_ns: how long that sleep is at most.
        held: returns how far the button on the screen is held, 0..1.
    """

    clock: Clock
    machine_clock: Clock
    view: View
    renderer: Renderer
    inputs: InputSource
    button: Button
    sounds: Sounds
    notifier: Notifier
    memory_mb: Callable[[], float | None] = pss_mb
    machine: Callable[[Path], MachineHealth] = read_machine
    wake: Waitable = msgspec.field(default_factory=PlainWake)
    idle_ns: int = IDLE_NS
    held: Callable[[], float] = lambda: 0.0


class Kiosk(msgspec.Struct, frozen=True):
    """A kiosk that is wired and ready to run.

    Attributes:
        loop: runs it.
        stage: what it shows.
        health: how it is; may be asked on any thread.
        report: measured figures.
    """

    loop: Loop
    stage: Stage
    health: HealthMonitor
    report: RunReport

    def run(self) -> RunReport:
        """Run until somebody leaves; returns the measured figures. See `Loop.run` for what it raises."""
        self.loop.run()
        return self.report


def assemble(
    home: Home,
    session: Session,
    clerk: Clerk,
    arrivals: Arrivals,
    *,
    platform: Platform,
    options: RunOptions,
    effective: EffectiveSettings,
) -> Kiosk:
    """Return a kiosk that starts with the newest good list.

    Raises:
        HomeError: no list can be prepared.
    """
    settings, clock = effective.settings, platform.clock
    texts = for_touch(effective.theme.texts) if settings.touch else effective.theme.texts
    stage = Stage(rehearsing=options.rehearsal_of is not None)
    report = RunReport(backend=platform.renderer.name, driver=platform.renderer.driver, fps=settings.fps)
    window = Window(platform.renderer, clock, full_screen=options.window is None)
    disk = DiskGuard(home.kiosk, platform.machine_clock, report.counters)
    absence = AbsencePrompt(clerk, session, texts)
    health = HealthMonitor(
        session,
        clock,
        home=home.kiosk,
        watcher_alive=arrivals.watcher_alive,
        report=report,
        window=window,
        caches=platform.view.caches,
        machine=platform.machine,
    )
    memory = MemoryGuard(
        clock,
        soft_mb=settings.memory_soft_mb,
        hard_mb=settings.memory_hard_mb,
        drop=platform.view.drop_caches,
        measure=platform.memory_mb,
    )
    status = StatusWriter(
        StatusFile(home.status, clock),
        clock,
        session=session,
        report=report,
        disk=disk,
        waiting=lambda: arrivals.requests.waiting,
    )
    sources = SourcesMonitor(home.fetch_status, home.stick_status, platform.machine_clock)
    supervisors = Supervisors(
        StartTimer(report),
        MemoryTuning(),
        Watchdog(platform.notifier, session),
        *([HeartbeatFile(options.heartbeat)] if options.heartbeat else []),
        health,
        ReadyLight(platform.button, session),
        memory,
        status,
        sources,
        session=session,
        watcher_alive=arrivals.watcher_alive,
    )
    controller = Controller(
        stage,
        session=session,
        arrivals=arrivals,
        absence=absence,
        disk=disk,
        supervisor=supervisors,
        clock=clock,
        report=report,
    )
    controller.load_first()
    prize_pictures = PrizePictures(home.snapshots)
    builder = SceneBuilder(
        stage,
        session,
        Notices(texts, stage, arrivals, disk, absence, prize_pictures, sources, effective.problem),
        texts=texts,
        caption=settings.caption,
        clock=clock,
        evening=Evening(
            PrizeCards(session, texts, prize_pictures),
            Boards(stage, session, absence, texts=texts, caption=settings.caption, clock=clock),
            rehearsal=texts.rehearsal if stage.rehearsing else "",
        ),
        page=DiagnosticsPage(
            health.report, report, session, home, sources, lambda: arrivals.requests.waiting, stage.rehearsing
        ).lines,
    )
    loader = arrivals.loader
    loop = Loop(
        stage,
        controller,
        builder,
        outputs=Outputs(platform.view, Pictures(platform.view, options.screenshots), platform.sounds, window),
        keys=OperatorKeys(
            platform.inputs, controller, stage, session=session, absence=absence, clock=clock, held=platform.held
        ),
        supervisors=supervisors,
        pace=Pace(
            clock,
            fps=settings.fps,
            wake=platform.wake,
            idle_ns=platform.idle_ns,
            hurried=lambda: platform.button.settling,
        ),
        auto=AutoSpins(options.spins, controller, stage=stage, loader=loader, disk=disk, clock=clock)
        if options.spins is not None
        else None,
    )
    return Kiosk(loop, stage, health, report)
