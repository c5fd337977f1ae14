"""Asking for a passphrase: from a variable of the environment, or on the terminal.

Invariant: a new passphrase has at least `SHORTEST` characters, wherever it comes from; an old one is taken as it is.
"""

import os
import sys

from kiosk.core.errors import UsageError

SHORTEST = 8


def ask_passphrase(what: str, *, variable: str, new: bool) -> str:
    """Return the passphrase.

    Args:
        what: what it opens, for messages: "signing key".
        variable: of the environment, which comes first.
        new: it is being chosen: ask twice on a terminal, and refuse a short one.

    Raises:
        UsageError: there is neither the variable nor a terminal, or it cannot be used.
    """
    given = os.environ.get(variable, "")
    if not given and not sys.stdin.isatty():
        raise UsageError(
            f"The {what} needs a passphrase, and there is no terminal to ask on.",
            remedy=f"Set {variable}, or run this in a terminal.",
        )
    answer = given or _typed(what, new=new)
    if new and len(answer) < SHORTEST:
        raise UsageError(
            f"That passphrase is shorter than {SHORTEST} characters.", remedy="Take four words that nobody would guess."
        )
    try:
        answer.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"The passphrase in {variable} is not UTF-8.", remedy="Choose another one.") from error
    return answer


def _typed(what: str, *, new: bool) -> str:
    import typer  # noqa: PLC0415 - most keys have no passphrase

    return str(typer.prompt(f"Passphrase of the {what}", hide_input=True, confirmation_prompt=new, err=True))
