"""What one check of the doctor found, and what to do about it.

Invariant: written for somebody without Linux skills: what is so, and one line to type.
"""

from typing import Literal

import msgspec

Verdict = Literal["ok", "note", "wrong"]


class Finding(msgspec.Struct, frozen=True):
    """What one check found.

    Attributes:
        about: the subject of the check.
        verdict: ok, note (the wheel works without it) or wrong.
        found: what is so.
        remedy: the line to type, or what to do; empty if nothing needs doing.
    """

    about: str
    verdict: Verdict
    found: str
    remedy: str = ""

    @property
    def wrong(self) -> bool:
        """Whether somebody has to do something."""
        return self.verdict == "wrong"


def ok(about: str, found: str) -> Finding:
    """Return that nothing is wrong."""
    return Finding(about, "ok", found)


def note(about: str, found: str, remedy: str) -> Finding:
    """Return something that could be better; the wheel works without it."""
    return Finding(about, "note", found, remedy)


def wrong(about: str, found: str, remedy: str) -> Finding:
    """Return a problem."""
    return Finding(about, "wrong", found, remedy)
