"""From what the kiosk knows to what the screen shows.

Law: it reads and changes nothing. Every word comes from the theme, every figure from the session.
"""

from dataclasses import replace

from kiosk.draw.modes import fixed_steps
from kiosk.draw_session import Session
from kiosk.presenter.wording import level_text
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.theme import Texts


class Composer:
    """Composes scenes.

    Args:
        session: what is on the wheel, and what happened.
        texts: what the screen says.
    """

    def __init__(self, session: Session, texts: Texts) -> None:
        self._session = session
        self._texts = texts

    def turning(self, before: Scene, face: Face, *, angle: int, speed: float, notices: tuple[str, ...]) -> Scene:
        """Compose a turning wheel: `angle` in units, `speed` in units a second. All figures stay as they were."""
        scene = self._stage(before, face, angle, notices)
        return replace(scene, phase=Phase.TURNING, speed=speed, prompt="", last="", outcome=None)

    def result(
        self, before: Scene, face: Face, *, angle: int, notices: tuple[str, ...], outcome: Outcome, rested_ms: int
    ) -> Scene:
        """Compose the result of a spin, `rested_ms` after the wheel came to rest on it."""
        scene = self._at_rest(before, face, angle, notices)
        return replace(scene, phase=Phase.RESULT, outcome=outcome, celebration_ms=rested_ms)

    def inviting(self, before: Scene, face: Face, *, angle: int, notices: tuple[str, ...]) -> Scene:
        """Compose a wheel that waits for a press."""
        last = self._session.last_winner()
        return replace(
            self._at_rest(before, face, angle, notices),
            phase=Phase.INVITING,
            outcome=None,
            prompt=self._session.why_no_spin() or self._texts.press,
            last=f"{self._texts.last_winner}: {last.name} ({last.ticket})" if last else "",
        )

    def _stage(self, before: Scene, face: Face, angle: int, notices: tuple[str, ...]) -> Scene:
        listed = self._session.listed
        title = listed.snapshot.title if listed else ""
        banner = self._texts.no_list if listed and listed.demo else ""
        return replace(before, face=face, angle=angle, title=title, banner=banner, notices=notices, page=())

    def _at_rest(self, before: Scene, face: Face, angle: int, notices: tuple[str, ...]) -> Scene:
        scene = self._stage(before, face, angle, notices)
        return replace(scene, speed=0.0, proof=self._session.proof, status=self._status())

    def _status(self) -> tuple[str, ...]:
        listed = self._session.listed
        if listed is None or listed.demo:
            return (self._texts.demo,)
        snapshot = listed.snapshot
        return (
            f"Generation {snapshot.generation}",
            listed.s[:8],
            self._texts.entries.format(left=len(self._session.pool()), total=len(snapshot.entries)),
            self._mode(),
            level_text(self._texts, self._session.level),
        )

    def _mode(self) -> str:
        listed = self._session.listed
        spins = listed.snapshot.spins if listed else None
        if spins is not None and spins.mode == "mixed":
            turn = self._session.turn()
            place = f" {turn.position}/{len(spins.steps)}" if turn and turn.position else ""
            return f"mixed{place}"
        return "fixed" if spins and fixed_steps(spins) else "natural"
