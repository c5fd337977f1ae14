"""How a kiosk's records lie at a source: one folder for each kiosk, ledger and checkpoints in segments.

Invariant: pure. A segment holds whole lines only; every segment but the last is full and never changes again.

    kiosks/<first 16 digits of the kiosk's id>/
        kiosk-key.pub.pem, kiosk-key-<16 digits>.pub.pem   its public key, and earlier ones
        status.json                        what it shows
        ledger-00000001.jsonl ...          records 1 to 1000, 1001 to 2000, ...
        checkpoints-00000001.jsonl ...     likewise
        fork-00000001-<16 digits>.jsonl    a segment that contradicts the one sent before, which stays
"""

import re
from typing import Literal

FOLDER = "kiosks"
STATUS_NAME = "status.json"
KEY_NAME = re.compile(r"kiosk-key(-[0-9a-f]{16})?\.pub\.pem")
"""A public key of the kiosk: the one that it signs with now, or an earlier one."""
SEGMENT_LINES = 1000
MAX_SEGMENT_BYTES = 16 << 20
"""A segment that is larger is not read: a thousand records have a tenth of it."""
KIOSK_FOLDER = re.compile("[0-9a-f]{16}")
SEGMENT_NAME = re.compile(r"(ledger|checkpoints)-([0-9]{8})\.jsonl")
FORK_NAME = re.compile(r"fork-([0-9]{8})-([0-9a-f]{16})\.jsonl")

Kind = Literal["ledger", "checkpoints"]


def kiosk_folder(kiosk_id: str) -> str:
    """Return the folder of a kiosk."""
    return f"{FOLDER}/{kiosk_id[:16]}"


def segment_name(kind: Kind, number: int) -> str:
    """Return the name of segment `number`, from 1."""
    return f"{kind}-{number:08d}.jsonl"


def fork_name(number: int, digest: str) -> str:
    """Return the name of a segment that contradicts the one sent before."""
    return f"fork-{number:08d}-{digest[:16]}.jsonl"


def segments(data: bytes) -> list[bytes]:
    """Cut a file into segments; a last line without LF is being written, and left out."""
    lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)
    return [b"".join(lines[at : at + SEGMENT_LINES]) for at in range(0, len(lines), SEGMENT_LINES)]
