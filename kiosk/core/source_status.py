"""What the fetcher knows of its sources, in a file that the kiosk and the doctor read.

Invariant: the fetcher writes it, everybody else only reads it, and nothing in it is a secret.
"""

from pathlib import Path

import msgspec

from kiosk.core.regular_files import read_file

_MOST_BYTES = 1 << 20


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one source.

    Attributes:
        url: without credentials.
        answered_at: when it last answered (UTC), or "".
        failing_since: since when it has been out of reach (UTC), or "".
        problem: why, as a sentence; empty if it is not.
        refused: what it holds that cannot be taken, and why; each said once in the log.
        placed: files that it brought, of a stick.
        results: what became of the kiosk's own records there: "" if they are not sent, else a sentence.
    """

    url: str
    answered_at: str = ""
    failing_since: str = ""
    problem: str = ""
    refused: tuple[str, ...] = ()
    placed: int = 0
    results: str = ""


class SourcesStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The file: as of `at` (UTC), every source in the order of kiosk.toml."""

    at: str
    sources: tuple[SourceReport, ...]


def read_sources_status(path: Path) -> SourcesStatus | None:
    """Return the file's content, or None if there is none that can be understood."""
    try:
        return msgspec.json.decode(read_file(path, limit=_MOST_BYTES), type=SourcesStatus)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
