"""What tests of the loader share."""

from pygame import Surface

from kiosk.core.clock import ManualClock
from kiosk.intake.loader import Loader
from kiosk.intake.verdict_cache import SETTLE_NS
from kiosk.screen.scene import Face


class Painter:
    """Paints nothing, at once."""

    def learn(self, face: Face) -> None:
        """Need no fonts."""

    def paint_wheel(self, face: Face, angle: int) -> Surface:
        """Return an empty picture."""
        return Surface((1, 1))


def settled(loader: Loader, clock: ManualClock) -> None:
    """Look, let what was found stand still for long enough, and look again."""
    loader.look()
    clock.advance_ns(SETTLE_NS)
    loader.look()


def refused(loader: Loader) -> list[str]:
    return [refusal.path.name for refusal in loader.refusals]


def arrived(loader: Loader) -> int | None:
    """Return the generation that lies in the mailbox, and take it out."""
    prepared = loader.mailbox.take()
    return prepared.listed.snapshot.generation if prepared else None
