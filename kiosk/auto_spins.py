"""`--spins N`: presses the button itself, N times, and then leaves. For demos and measurements.

Invariant: it presses like a person, in idle only; a spin counts when the wheel turns. A disk that stays full ends the
run with its error, where a person would wait.
"""

from kiosk.controller import Controller
from kiosk.core.clock import Clock
from kiosk.core.errors import HomeError
from kiosk.intake.loader import Loader
from kiosk.stage import Stage
from kiosk.supervise.disk import DiskGuard

PRESS_AFTER_MS = 500
"""How long the wheel stands before each press, at least."""
DISK_PATIENCE_MS = 120_000
"""How long a disk that refuses a record is waited for; a person may wait for ever."""


class AutoSpins:
    """Presses in place of a person.

    Args:
        count: how many spins to make.
        controller: makes them.
        stage: what is on stage.
        loader: a list that waits is adopted first.
        disk: what it refused.
        clock: the loop's.
    """

    def __init__(
        self, count: int, controller: Controller, *, stage: Stage, loader: Loader, disk: DiskGuard, clock: Clock
    ) -> None:
        self._count = count
        self._controller = controller
        self._stage = stage
        self._loader = loader
        self._disk = disk
        self._clock = clock
        self._saw_idle = False

    def act(self) -> bool:
        """Press if it is time to; returns whether all spins are made. Called in idle.

        Raises:
            WheelError: a spin could not be made.
            HomeError: the disk refuses for longer than `DISK_PATIENCE_MS`.
        """
        if self._controller.refusal is not None:
            raise self._controller.refusal
        if self._stage.rested_ms(self._clock.monotonic_ns()) < PRESS_AFTER_MS or not self._saw_idle:
            self._saw_idle = True  # nobody presses in the very step in which the wheel gets idle
            return False
        if self._disk.failing:
            if self._disk.failing_ms > DISK_PATIENCE_MS:
                raise HomeError(self._disk.notice)
            return False
        if self._controller.unattended_spins >= self._count:
            return True
        if self._stage.idle and not self._loader.mailbox.full:
            self._saw_idle = False
            self._controller.press_unattended()
        return False
