"""The sample list: what the wheel shows when there is no published list that can be trusted.

Invariant: it is a list like any other to the wheel and the screen, under generation 0. Its spins are not draws and
write no records.
"""

from kiosk.draw.modes import NATURAL
from kiosk.draw.protocol import digest
from kiosk.snapshot.model import DEMO_GENERATION, Entry, Event, Listed, Rules, Snapshot, Source, encode
from kiosk.snapshot.names import encode as encode_names

_NAMES = (
    "Amber",
    "Basil",
    "Clover",
    "Dahlia",
    "Elder",
    "Fennel",
    "Ginger",
    "Hazel",
    "Iris",
    "Juniper",
    "Linden",
    "Maple",
)
_NAMED = tuple((f"S{number:02d}", name) for number, name in enumerate(_NAMES, start=1))

_SAMPLE = Snapshot(
    generation=DEMO_GENERATION,
    previous="",
    created_at="2026-01-01T00:00:00Z",
    event=Event(id="0" * 16, title="Sample names"),
    entries=tuple(Entry(ticket=ticket, weight=1, group="", household=0) for ticket, _ in _NAMED),
    names=digest(encode_names(_NAMED, salt=bytes(32))),
    prizes=(),
    rules=Rules(
        win_once="never", household_once=False, presence=False, predetermined=False, order="listed", names="full"
    ),
    entropy=(),
    spins=NATURAL,
    source=Source(files=(), accepted=0, rejected=0),
)
SAMPLE = Listed(_SAMPLE, digest(encode(_SAMPLE)), dict(_NAMED))
