"""What the screen says about a spin, a list and its refusal: the theme's texts, filled in.

Invariant: pure. A sentence of the kiosk's own comes from `Texts`; only the message of an error is quoted as it is.
"""

from typing import Literal

from kiosk.draw.entropy import Level
from kiosk.draw.modes import Mode, Turn, fixed_steps
from kiosk.ledger.event import WAITING_FOR, NoSpin
from kiosk.screen.scene import Outcome
from kiosk.screen.themes.texts import Texts
from kiosk.session.draw_decision import Decision
from kiosk.snapshot.model import Snapshot


def level_text(texts: Texts, level: Level) -> str:
    """Return the theme's words for a level: no more than a verifier says to somebody who kept nothing."""
    return {"sealed": texts.sealed, "live": texts.live, "public": texts.public}[level]


def mode_text(texts: Texts, mode: Mode | Literal["demo"]) -> str:
    """Return the theme's word for the mode of one spin."""
    return {"natural": texts.natural, "fixed": texts.fixed, "demo": texts.sample_draw}[mode]


def plan_text(texts: Texts, snapshot: Snapshot, turn: Turn | None) -> str:
    """Return what a list plans for its spins: natural, fixed, or mixed with the step of `turn`, the next spin."""
    spins = snapshot.spins
    if spins.mode == "mixed":
        if turn is None or not turn.position:
            return texts.mixed_done
        return texts.mixed.format(position=turn.position, total=len(spins.steps))
    return texts.fixed if fixed_steps(spins) else texts.natural


def no_spin_text(texts: Texts, reason: str) -> str:
    """Return the theme's sentence for why there is nothing to spin for, or the reason itself if it has none."""
    if reason.startswith(WAITING_FOR):
        return texts.waiting_for_entropy.format(item=reason.removeprefix(WAITING_FOR).removesuffix("."))
    sentences: dict[str, str] = {
        NoSpin.SPINS_DONE: texts.spins_done,
        NoSpin.SECRETS_USED_UP: texts.secrets_used_up,
        NoSpin.EVERYBODY_WON: texts.everybody_won,
        NoSpin.PRIZES_DRAWN: texts.prizes_drawn,
        NoSpin.PRIZE_DRAWN: texts.prize_drawn,
        NoSpin.NOBODY_LEFT: texts.nobody_left,
    }
    return sentences.get(reason, reason)


def problem_text(texts: Texts, problem: str) -> str:
    """Return what to say about a problem: the theme's sentence where there is one, else the error's own message."""
    return no_spin_text(texts, problem)


def provenance(texts: Texts, decision: Decision, *, caption: bool) -> str:
    """Return where a result comes from; empty if the organiser turned the caption off."""
    if decision.mode == "demo":
        return texts.demo
    if not caption:
        return ""
    if decision.mode == "fixed":
        return texts.set_beforehand.format(reason=decision.reason, spin=decision.spin)
    level = level_text(texts, decision.level)
    if decision.fallback:
        return texts.fallback.format(fallback=decision.fallback, spin=decision.spin, level=level)
    return texts.drawn.format(spin=decision.spin, level=level)


def ticket_text(texts: Texts, ticket: str, name: str) -> str:
    """Return what the screen says of a ticket below a name; "" if it stands for the name already."""
    return "" if name == ticket else texts.ticket.format(ticket=ticket)


def outcome_of(texts: Texts, decision: Decision, *, caption: bool) -> Outcome:
    """Return the result of a spin as the screen shows it."""
    return Outcome(
        name=decision.entry.name,
        ticket=ticket_text(texts, decision.entry.ticket, decision.entry.name),
        provenance=provenance(texts, decision, caption=caption),
    )
