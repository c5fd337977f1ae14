"""A small home, and a hand that presses on simulated time."""

from pathlib import Path

from kiosk.core.clock import NS_PER_S, ManualClock
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.devices.inputs import Action
from tests.support import KEY, publish, snapshot


class Hand:
    """Presses what it was told to, each at its second."""

    def __init__(self, clock: ManualClock, presses: list[tuple[float, Action]]) -> None:
        self._clock = clock
        self._presses = presses

    def poll(self) -> list[Action]:
        due = [one for one in self._presses if one[0] * NS_PER_S <= self._clock.monotonic_ns()]
        self._presses = self._presses[len(due) :]
        return [action for _, action in due]


def small_home(directory: Path) -> Home:
    """Make a home with a published list of six."""
    home = Home(directory)
    for path in (home.snapshots, home.trusted):
        path.mkdir(parents=True)
    trust(home.trusted, KEY.public)
    publish(home.snapshots, snapshot(people=6))
    return home
