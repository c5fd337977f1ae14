"""What `publish`, `republish` and `start` answer about a list that was published."""

import msgspec

from wheel_admin.cli.options import counted, say
from wheel_admin.commands.publish.send import Answer, say_sent
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
        warnings: what is allowed, and yet hardly meant.
        unchanged: the list was published before and nothing changed; no generation was added.
        sent: what became of it at the targets; null after a dry run, or without any.
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
    warnings: tuple[str, ...] = ()
    unchanged: bool = False
    sent: Answer | None = None


def say_published(answer: Published) -> None:
    """Write the answer for the organiser."""
    held = f"{answer.title}, {counted(answer.entries, 'entry', 'entries')}"
    if answer.snapshot is None:
        say(f"would publish generation {answer.generation}: {held}. Nothing was changed (--dry-run).")
        for doubt in answer.doubts:
            say(f"Please check: {doubt}")
    elif answer.unchanged:
        say(f"Nothing changed: generation {answer.generation} was published before: {held}")
    else:
        say(f"published generation {answer.generation}: {held}")
    if not answer.unchanged:
        say(_STANDINGS[answer.standing])
    if answer.snapshot is not None:
        say(f"For auditors: snapshot digest {answer.snapshot[:8]}.")
    for warning in answer.warnings:
        say(f"Please check: {warning}.")
    if answer.manifest:
        from wheel_admin.publishing.public_page import PAGE_NAME  # noqa: PLC0415 - few publish one

        say(f"Show this to everybody before the draw: {answer.manifest}")
        say(f"and beside it {PAGE_NAME}, in which people check their ticket and the code of their receipt.")
    if answer.sent:
        say_sent(answer.sent)
