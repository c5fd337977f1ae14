"""What `publish`, `republish` and `start` answer about a list that was published."""

import msgspec

from wheel_admin.cli.options import counted, say
from wheel_admin.publishing.publication import Standing

_STANDINGS: dict[Standing, str] = {
    "first list": "It is the first list of its event.",
    "correction": "It is a correction within the event: spin numbers, winners and places go on.",
    "new event": "It starts a new event: nobody has won yet, and lists of the event before are refused from now on.",
}


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What was published; `snapshot` (S) and `file` are null after a dry run.

    Attributes:
        event: the event's id.
        standing: whether it is the first list, a correction within the event, or a new event.
        manifest: the public manifest, if one was asked for.
        doubts: what looked doubtful about the people on it.
    """

    generation: int
    snapshot: str | None
    previous: str
    file: str | None
    event: str
    standing: Standing
    title: str
    entries: int
    dry_run: bool
    manifest: str | None = None
    doubts: tuple[str, ...] = ()


def say_published(answer: Published) -> None:
    """Write the answer for the organiser."""
    held = f"{answer.title}, {counted(answer.entries, 'entry', 'entries')}"
    if answer.snapshot is None:
        say(f"would publish generation {answer.generation}: {held}. Nothing was changed (--dry-run).")
        for doubt in answer.doubts:
            say(f"Please check: {doubt}")
    else:
        say(f"published generation {answer.generation}, S {answer.snapshot[:8]}: {held}")
    say(_STANDINGS[answer.standing])
    if answer.manifest:
        say(f"Show this to everybody before the draw: {answer.manifest}")
