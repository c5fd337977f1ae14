"""Carries out what the operator presses: the controller's decisions, and what is only looked at.

Invariant: looking changes nothing of the draw. Only where the rules leave the order free does looking at a prize choose
it. While the wheel turns or its result settles, nothing but leaving counts.
"""

from collections.abc import Callable

from kiosk.controller import Controller
from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock
from kiosk.devices.inputs import DIGITS, Action, InputSource
from kiosk.ledger.event import Due
from kiosk.ledger.permitted import next_press
from kiosk.presenter.absence_prompt import AbsencePrompt
from kiosk.screen.effects.filling import PAGE, PAGE_MS
from kiosk.session.draw_session import Session
from kiosk.session.standings import is_over
from kiosk.stage import Overlay, Stage

LOOK_S = 60
"""How long what somebody looks at stays when nobody presses: a prize that is not next, the winners, the diagnostics."""


class OperatorKeys:
    """What the operator presses, for the loop.

    Args:
        inputs: what is pressed.
        controller: decides about spins and absences.
        stage: what is looked at.
        session: has the prizes.
        absence: asks for a place.
        clock: of the stage.
        held: returns how far the button on the screen is held, 0..1.
    """

    def __init__(
        self,
        inputs: InputSource,
        controller: Controller,
        stage: Stage,
        *,
        session: Session,
        absence: AbsencePrompt,
        clock: Clock,
        held: Callable[[], float],
    ) -> None:
        self._inputs = inputs
        self._controller = controller
        self._stage = stage
        self._session = session
        self._absence = absence
        self._clock = clock
        self._held = held

    def poll(self) -> list[Action]:
        """Return the actions since the last call; what nobody looks at any more is left."""
        self._look_back()
        actions = self._inputs.poll()
        self._stage.held = self._held() if self._stage.idle else 0.0
        return actions

    def obey(self, action: Action) -> None:
        """Carry out what an operator pressed."""
        if action is Action.SPIN:
            self._spin()
        elif action is Action.ABSENT:
            if self._stage.idle:
                self._stage.look_away()
            self._controller.report_absent()
        elif action is Action.DIAGNOSE:
            self._toggle_diagnostics()
        elif action is Action.REHEARSE:
            self._rehearse()
        elif self._stage.idle:
            self._look(action)

    def _rehearse(self) -> None:
        """Begin a rehearsal from the diagnostics page, or end it from anywhere; never while a spin is open."""
        stage = self._stage
        wanted = stage.rehearsing or (stage.diagnosing_ns is not None and self._session.listed is not None)
        stage.rehearsal_asked = stage.idle and wanted

    def _spin(self) -> None:
        """Spin; a curtain is only lifted, for the audience has to see the wheel first."""
        if self._stage.overlay is Overlay.CURTAIN:
            self._stage.look_away()
        else:
            self._controller.press()

    def _look(self, action: Action) -> None:
        stage, now = self._stage, self._clock.monotonic_ns()
        if action is Action.CURTAIN:
            self._toggle(Overlay.CURTAIN)
        elif action is Action.WINNERS:
            self._absence.forget()
            self._controller.dismiss_result()
            self._toggle(Overlay.WINNERS)
        elif stage.overlay is Overlay.CURTAIN:
            return
        elif self._absence.asking:
            if action in DIGITS:
                self._absence.digit(DIGITS.index(action), now)
            else:
                self._absence.step(1 if action is Action.NEXT else -1, now)
        elif action in {Action.NEXT, Action.PREVIOUS}:
            by = 1 if action is Action.NEXT else -1
            if self._on_pages:
                stage.turn_to(stage.page_at(now) + by, now)
            else:
                self._look_at_prize(by)

    def _toggle(self, overlay: Overlay) -> None:
        stage = self._stage
        closing = stage.overlay is overlay
        stage.look_away()
        if not closing:
            stage.overlay = overlay
            stage.turn_to(0, self._clock.monotonic_ns())

    @property
    def _on_pages(self) -> bool:
        """Whether pages of winners cover the wheel."""
        stage, listed = self._stage, self._session.listed
        if stage.overlay is Overlay.WINNERS or (stage.result is not None and len(stage.result.winners) > 1):
            return True
        return listed is not None and bool(listed.snapshot.prizes) and is_over(listed, self._session.history)

    def _look_at_prize(self, by: int) -> None:
        stage, listed = self._stage, self._session.listed
        if listed is None or not listed.snapshot.prizes:
            return
        prizes = [prize.id for prize in listed.snapshot.prizes]
        due = next_press(self._session.history, listed.snapshot, chosen=self._session.chosen)
        now_at = stage.looked_at or (due.prize if isinstance(due, Due) else prizes[-1])
        self._controller.dismiss_result()
        stage.looked_at = prizes[(prizes.index(now_at) + by) % len(prizes)]
        stage.looked_since_ns = self._clock.monotonic_ns()
        if listed.snapshot.rules.order == "free":
            self._controller.choose(stage.looked_at)

    def _toggle_diagnostics(self) -> None:
        """Open the diagnostics page, or close it; it never covers a result."""
        stage = self._stage
        opens = stage.diagnosing_ns is None and stage.idle and stage.result is None
        stage.diagnosing_ns = self._clock.monotonic_ns() if opens else None

    def _look_back(self) -> None:
        """Show the wheel, and the prize of the next press, once nobody looks at anything else any more."""
        stage, now = self._stage, self._clock.monotonic_ns()
        if stage.looked_at and now - stage.looked_since_ns > LOOK_S * NS_PER_S:
            stage.looked_at = ""
        if stage.diagnosing_ns is not None and now - stage.diagnosing_ns > LOOK_S * NS_PER_S:
            stage.diagnosing_ns = None
        if stage.overlay is Overlay.WINNERS and now - stage.page_since_ns > LOOK_S * NS_PER_S + self._all_pages_ns():
            stage.look_away()

    def _all_pages_ns(self) -> int:
        """Return how long the pages of all winners take at most, one after the other."""
        listed = self._session.listed
        prizes = len(listed.snapshot.prizes) if listed else 0
        return (len(self._session.winners()) // PAGE + prizes) * PAGE_MS * NS_PER_MS
