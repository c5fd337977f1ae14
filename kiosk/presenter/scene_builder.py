"""From the kiosk's state to the scene that the screen shows.

Invariant: it reads the kiosk and changes nothing of it. Every word comes from the theme's texts; every figure comes
from the session. The diagnostics page alone is in English.
"""

from collections.abc import Callable

from msgspec.structs import replace

from kiosk.core.clock import NS_PER_MS, NS_PER_S, Clock
from kiosk.draw.short_digest import grouped
from kiosk.ledger.event import CLOSED, OVER
from kiosk.presenter.evening_screens import Evening
from kiosk.presenter.notices import Notices, code_of
from kiosk.presenter.prize_cards import drawn_text, places_text
from kiosk.presenter.troubles import Code
from kiosk.presenter.wording import list_text, no_spin_text, outcome_of, people_text
from kiosk.screen.effects.reveal import CALM_MS
from kiosk.screen.panels.button_picture import STEP_MS
from kiosk.screen.scene import MOST_WINNERS, Face, Outcome, Phase, Scene, Winner
from kiosk.screen.themes.texts import Texts
from kiosk.session.draw_decision import Decision
from kiosk.session.draw_session import Session
from kiosk.stage import Overlay, RunningSpin, Stage
from kiosk.wheel.angle import normalize

Page = tuple[tuple[str, str], ...]
"""Lines of the diagnostics page: what, and its value."""


class SceneBuilder:
    """Builds the scene of a frame.

    Args:
        stage: what is on stage.
        session: what is on the wheel, and what happened.
        notices: of the status line.
        texts: what the screen says.
        caption: whether a result says if it was drawn or predetermined.
        clock: how long a result has stood.
        evening: what prizes add.
        page: returns the diagnostics page; empty before the first frame.
    """

    def __init__(
        self,
        stage: Stage,
        session: Session,
        notices: Notices,
        *,
        texts: Texts,
        caption: bool,
        clock: Clock,
        evening: Evening,
        page: Callable[[], Page],
    ) -> None:
        self._stage = stage
        self._session = session
        self._notices = notices
        self._texts = texts
        self._caption = caption
        self._clock = clock
        self._evening = evening
        self._page = page
        self._outcome: tuple[Decision, Outcome] | None = None
        self._winners: tuple[object, tuple[Winner, ...], int] | None = None

    def idle_key(self) -> tuple[object, ...]:
        """Return what the idle picture depends on. Cheap: it is asked whenever idle looks."""
        stage = self._stage
        return (
            self._session.seq,
            id(stage.wheel),
            id(stage.result),
            self._notices.key,
            stage.diagnosing_ns is not None and self._clock.monotonic_ns() // NS_PER_S,
            self._moment_ms(),
            self._rested_ms(),
            stage.looked_at,
            self._session.chosen,
            self._evening.boards.key,
            stage.held,
            stage.idle,
        )

    def scene(self, before: Scene) -> Scene:
        """Return the scene of now.

        Args:
            before: the previous scene; figures that a turning wheel does not change stay as they are in it.
        """
        stage = self._stage
        if stage.wheel is None:
            return before
        face = stage.wheel.face
        if stage.spin is not None:
            return self._turning(before, face, stage.spin)
        result = stage.result
        scene = self._result(before, face, result) if result is not None else self._inviting(before, face)
        page = self._page() if stage.diagnosing_ns is not None and result is None else ()
        return replace(scene, page=page) if page else scene

    def _moment_ms(self) -> int:
        """Return the time that lets the idle screen live, in steps that it can show."""
        return self._clock.monotonic_ns() // NS_PER_MS // STEP_MS * STEP_MS

    def _rested_ms(self) -> int:
        """Return the time since the wheel came to rest, as far as the screen still celebrates."""
        if self._stage.result is None:
            return CALM_MS
        return min(self._stage.rested_ms(self._clock.monotonic_ns()), CALM_MS)

    def _turning(self, before: Scene, face: Face, spin: RunningSpin) -> Scene:
        motion = spin.motion
        scene = replace(self._with_list(before, face, spin.decision), plan=motion.plan, rest_in_ms=motion.rest_in_ms)
        return replace(scene, phase=Phase.TURNING, speed=motion.speed, prompt="", last="", outcome=None)

    def _result(self, before: Scene, face: Face, decision: Decision) -> Scene:
        if self._outcome is None or self._outcome[0] is not decision:
            self._outcome = (decision, outcome_of(self._texts, decision, caption=self._caption))
        winners, _ = self._past_winners()
        absent = bool(winners) and winners[0].absent and winners[0].name == decision.entry.name
        scene = replace(self._at_rest(before, face, decision), plan=decision.plan, celebration_ms=self._rested_ms())
        outcome = replace(self._outcome[1], absent=absent, **self._about(decision))
        prompt = self._texts.press if self._stage.idle and not self._session.why_no_spin() else ""
        scene = replace(scene, prompt=prompt)
        return replace(scene, phase=Phase.RESULT, outcome=outcome, board=self._evening.boards.board(ended=False))

    def _about(self, decision: Decision) -> dict[str, str]:
        """Return what the result says besides: that it is a reserve's place, or a rehearsal."""
        listed, said = self._session.listed, {}
        prize = listed.snapshot.by_prize.get(decision.prize) if listed else None
        if prize is not None and decision.places[0] > prize.quantity:
            said["heading"] = places_text(self._texts, prize, decision.places[:1])
        if self._evening.rehearsal:
            said["provenance"] = self._texts.rehearsal_note
        return said

    def _inviting(self, before: Scene, face: Face) -> Scene:
        obstacle = self._session.why_no_spin()
        winners, more = self._past_winners()
        closed = obstacle == CLOSED
        ended = bool(winners) and (closed or obstacle in OVER)
        prize = self._evening.cards.card(self._stage.looked_at)
        prompt, last = self._prompt(obstacle)
        ready = prompt == self._texts.press
        if not last and prize and winners:
            last = self._texts.last_line.format(name=winners[0].name)
        return replace(
            self._at_rest(before, face),
            phase=Phase.INVITING,
            outcome=None,
            prompt="" if ended and closed else prompt,  # what stands beside it says thanks
            ready=ready,
            last=last,
            plan=None,
            winners=winners,
            more_winners=more,
            ended=ended,
            prize=prize,
            board=self._evening.boards.board(ended=ended),
        )

    def _prompt(self, obstacle: str | None) -> tuple[str, str]:
        """Return what the operator can do now, and the code of what keeps them from it, or ""."""
        texts, disk = self._texts, self._notices.disk
        if obstacle and (said := no_spin_text(texts, obstacle)):
            return said, ""
        if obstacle:
            code = code_of(obstacle)
        elif disk.failing or self._session.frozen:
            code = Code.DISK
        elif self._session.ledger_gone:
            code = Code.LEDGER
        else:
            return texts.press, ""
        return texts.paused, texts.code.format(code=code.value)

    def _past_winners(self) -> tuple[tuple[Winner, ...], int]:
        """Return the last winners of the list, the last one first, and how many there are besides.

        They are made again only when the ledger has grown.
        """
        key = (self._session.seq, id(self._session.listed))
        if self._winners is None or self._winners[0] != key:
            found = self._session.winners()
            winners = tuple(
                Winner(entry.name, self._texts.ticket.format(ticket=entry.ticket), absent)
                for entry, absent in found[:MOST_WINNERS]
            )
            self._winners = (key, winners, len(found) - len(winners))
        return self._winners[1:]

    def _with_list(self, before: Scene, face: Face, decision: Decision | None = None) -> Scene:
        listed = self._session.listed
        title = listed.snapshot.title if listed else ""
        prize = listed.snapshot.by_prize.get(decision.prize) if listed and decision else None
        if prize is not None and decision is not None:
            title = drawn_text(self._texts, prize, decision.places)
        banner = self._texts.no_list if listed and listed.demo else ""
        angle = normalize(self._stage.angle)
        scene = replace(before, face=face, angle=angle, title=title, banner=banner)
        scene = replace(scene, notices=self._notices.lines(), faults=self._notices.faults())
        curtain = self._stage.idle and self._stage.overlay is Overlay.CURTAIN
        return replace(scene, page=(), prize=None, board=None, curtain=curtain, rehearsal=self._evening.rehearsal)

    def _at_rest(self, before: Scene, face: Face, decision: Decision | None = None) -> Scene:
        scene = self._with_list(before, face, decision)
        moment_ms = self._moment_ms()
        proof = self._session.proof
        scene = replace(
            scene, speed=0.0, moment_ms=moment_ms, held=self._stage.held, status=self._status(), proof=proof
        )
        if not proof:
            return replace(scene, proof_short="", proof_label="")
        *_, number, digest = proof.split(" ")
        label = f"{self._texts.check_code} #{number}" if number.isdecimal() else self._texts.check_code
        return replace(scene, proof_short=grouped(digest), proof_label=label)

    def _status(self) -> tuple[str, ...]:
        listed = self._session.listed
        if listed is None or listed.demo:
            return (self._texts.demo,)
        total = len(listed.snapshot.entries)
        return (people_text(self._texts, len(self._session.pool()), total), list_text(self._texts, listed.s))
