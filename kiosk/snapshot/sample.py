"""The sample list: what the wheel shows when there is no published list that can be trusted.

Invariant: it is a list like any other to the wheel and the screen, under generation 0. Its spins are marked `demo` in
the ledger and on the screen: they are no draws.
"""

from kiosk.draw.modes import Natural
from kiosk.draw.protocol import digest
from kiosk.snapshot.model import DEMO_GENERATION, Entry, Snapshot, Source, encode

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

SAMPLE = Snapshot(
    generation=DEMO_GENERATION,
    previous=None,
    created_at="2026-01-01T00:00:00Z",
    title="Sample names",
    entries=tuple(Entry(ticket=f"S{number:02d}", name=name) for number, name in enumerate(_NAMES, start=1)),
    spins=Natural(),
    remove_winners=False,
    source=Source(),
)
SAMPLE_S = digest(encode(SAMPLE))
