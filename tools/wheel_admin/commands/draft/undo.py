"""`wheel-admin undo`: take back the last change of the draft.

Invariant: changes the draft only. What is published stays so until `wheel-admin publish` or `publish --undo`.
"""

import msgspec

from kiosk.core.durable import remove
from kiosk.core.errors import RefusedError
from kiosk.core.home import Home
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    counted,
    examples,
    existing_home,
    lock_wait_ms,
    reply,
    say,
)
from wheel_admin.cli.wording import Difference, difference, in_words
from wheel_admin.draft import admin_lock, load_draft, save_draft
from wheel_admin.earlier_drafts import earlier_drafts
from wheel_admin.publishing.publication import names_of

EPILOG = examples("wheel-admin undo")


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What changed in the draft, how many entries it has now, and how many further changes can be taken back."""

    difference: Difference
    entries: int
    left: int


def undo(*, home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """Take back the last change of the draft: an import, an edit, a setting. Ten changes are kept.

    The wheel still shows what is published: publish again, or take the last publication back with publish --undo.
    """
    answer = undo_draft(existing_home(home))
    if as_json:
        reply(answer)
        return
    say("Took back the last change of the draft:")
    for line in in_words(answer.difference):
        say(f"  {line}")
    say(f"The draft has {counted(answer.entries, 'entry', 'entries')} now. wheel-admin publish shows them.")
    if answer.left:
        say(f"{counted(answer.left, 'earlier change')} can be taken back, too.")


def undo_draft(home: Home) -> Undone:
    """Bring the draft before the last change back.

    Raises:
        RefusedError: there is none.
        BusyError: another command holds the lock.
        HomeError: it cannot be read or written.
    """
    with admin_lock(home, wait_ms=lock_wait_ms()):
        now = load_draft(home)
        for path in earlier_drafts(home):
            before = load_draft(home, path)
            if before != now:  # else the command that kept it was killed before it changed anything
                save_draft(home, before)
            remove(path)
            if before != now:
                changed = difference(before, now, names_of(now))
                return Undone(difference=changed, entries=len(before.entries), left=len(earlier_drafts(home)))
    raise RefusedError("There is no earlier draft to go back to. Nothing was changed.")
