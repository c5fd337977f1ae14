"""What the screen says about a spin: where its result comes from, and how far that convinces.

Law: pure; the words are the theme's.
"""

from kiosk.draw.entropy import Level
from kiosk.draw_decision import Decision
from kiosk.screen.theme import Texts


def level_text(texts: Texts, level: Level) -> str:
    """Return the theme's word for a level."""
    return {"sealed": texts.sealed, "live": texts.witnessed, "public": texts.public}[level]


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
