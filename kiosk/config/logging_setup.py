"""How the log is written: a line for people, or one JSON object a line for machines (`--log-format json`).

Invariant: one record is one line whatever it contains, so that no input can forge a line in the journal.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec

from kiosk.config.command_line import LogFormat
from kiosk.core.clock import rfc3339
from kiosk.core.text_rules import escaped


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record. `exception` is the traceback, if any."""

    at: str
    level: str
    logger: str
    message: str
    exception: str = ""


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object's text."""
        line = _Line(
            at=rfc3339(datetime.fromtimestamp(record.created, UTC)),
            level=record.levelname.lower(),
            logger=record.name,
            message=record.getMessage(),
            exception=self.formatException(record.exc_info) if record.exc_info else "",
        )
        return msgspec.json.encode(line).decode()


class TextLines(logging.Formatter):
    """Formats a record as one line; the lines of a traceback follow it, marked so that none looks like a record."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Return the lines of the traceback."""
        return "\n".join(f"  | {escaped(line)}" for line in super().formatException(ei).split("\n"))


def configure(log_format: LogFormat, *, verbose: bool) -> None:
    """Set up logging to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    if log_format == "json":
        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(TextLines())
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
