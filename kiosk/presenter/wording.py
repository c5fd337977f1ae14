"""What the screen says about a spin, a list and its refusal: the theme's texts, filled in.

Invariant: pure. Every word comes from `Texts`; the message of an error is never shown to the audience.
"""

from kiosk.draw.entropy import Level
from kiosk.ledger.event import CLOSED, WAITING_FOR, NoSpin
from kiosk.screen.scene import Outcome
from kiosk.screen.themes.texts import Texts
from kiosk.session.draw_decision import Decision


def level_text(texts: Texts, level: Level) -> str:
    """Return the theme's words for a level: no more than a verifier says to somebody who kept nothing."""
    return {"sealed": texts.sealed, "live": texts.live, "public": texts.public}[level]


def no_spin_text(texts: Texts, reason: str) -> str:
    """Return what the audience reads about why there is no spin now; "" if only the organiser can do something."""
    if reason.startswith(WAITING_FOR):
        return _waiting_text(texts, reason.removeprefix(WAITING_FOR).removesuffix("."))
    sentences: dict[str, str] = {
        NoSpin.SPINS_DONE: texts.spins_done,
        NoSpin.EVERYBODY_WON: texts.everybody_won,
        NoSpin.PRIZES_DRAWN: texts.prizes_drawn,
        NoSpin.PRIZE_DRAWN: texts.prize_drawn,
        NoSpin.NOBODY_LEFT: texts.nobody_left,
        CLOSED: texts.thanks,
    }
    return sentences.get(reason, "")


def _waiting_text(texts: Texts, item: str) -> str:
    kind, _, words = item.partition(":")
    if kind == "lottery":
        return texts.wait_lottery.format(lottery=words)
    if kind == "drand":
        return texts.wait_beacon.format(round=words.rpartition(":")[2])
    return texts.wait_dice if kind == "dice" else texts.wait_audience


def people_text(texts: Texts, left: int, total: int) -> str:
    """Return how many people are on the wheel, and of how many if some have left it."""
    return texts.people.format(total) if left == total else texts.people_left.format(total, left=left)


def list_text(texts: Texts, s: str) -> str:
    """Return the short code by which an auditor knows the list."""
    return texts.list_code.format(code=s[:8])


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
        return texts.fallback.format(spin=decision.spin, level=level)
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
