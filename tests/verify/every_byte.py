"""Changes every byte of evenings, one at a time, and every record: `python -m tests.verify.every_byte 20 [SEED]`.

Claims, of an evening that is SIGNED to its last record: a ledger with a flipped bit in any byte, or with any record
dropped, doubled or swapped with the next, is BROKEN; in the last record a flipped bit may also name another key or
list, and then nobody vouches for it. A flipped bit in any other file is told, by a lower word or by a notice. The
evening has one copy of each file that it needs. Each byte has one bit flipped, chosen at random.
"""

import functools
import logging
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store
from kiosk.ledger.reader import read_records
from tests.verify.arguments import numbers
from tests.verify.evening_driver import evening
from tests.verify.evenings import contents, must_be_accepted, word
from tests.verify.history import sha
from tests.verify.manipulations import CHECKPOINTS, LEDGER, Files, joined, lines_of
from verify import verify_draw

MOST_RECORDS = 40
"""Of an evening: each byte costs a verdict."""
logger = logging.getLogger(__name__)
Judge = Callable[[Files], dict[str, Any]]


def once(check: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return a check that passes over records that it has passed: most are the same in every copy."""
    passed: dict[int, Any] = {}

    def checked(record: Any) -> None:
        if id(record) not in passed:
            check(record)
            passed[id(record)] = record

    return checked


def flipped(data: bytes, chance: random.Random) -> Iterator[tuple[int, bytes]]:
    """Yield where and what: the data with one bit of one byte changed, for every byte."""
    for at, byte in enumerate(data):
        yield at, data[:at] + bytes([byte ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def with_records_changed(ledger: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the ledger with each record dropped, doubled, and swapped with the next."""
    lines = lines_of({LEDGER: ledger}, LEDGER)
    for at, line in enumerate(lines):
        yield f"record {at + 1} dropped", joined(lines[:at] + lines[at + 1 :])
        yield f"record {at + 1} doubled", joined([*lines[: at + 1], line, *lines[at + 1 :]])
        if at + 1 < len(lines):
            yield f"record {at + 1} swapped", joined([*lines[:at], lines[at + 1], line, *lines[at + 2 :]])


def is_refused(name: str, data: bytes) -> bool:
    """Say whether the verifier ignores this file, and counts it."""
    found = verify_draw.Files()
    found.add(name, data)
    return name in found.refused


def missed(files: Files, judge: Judge, chance: random.Random, told: Counter[str]) -> Iterator[str]:
    """Change every byte and every record of an evening, and yield each change that is not found."""
    before = judge(files)
    if before["verdict"] != "SIGNED" or before["signed up to"] != before["records"]:
        raise ValueError("the evening has to be signed to its last record")
    for at, data in flipped(files[LEDGER], chance):
        after = judge(files | {LEDGER: data})
        told[f"ledger bytes {after['verdict']}"] += 1
        in_last = b"\n" not in files[LEDGER][at:-1]
        if after["verdict"] != "BROKEN" and not (in_last and after["verdict"] in {"CONSISTENT", "UNUSABLE"}):
            yield f"{LEDGER} byte {at}: {after['sentence']}"
    for what, data in with_records_changed(files[LEDGER]):
        after = judge(files | {LEDGER: data})
        told[f"records {after['verdict']}"] += 1
        if after["verdict"] != "BROKEN":
            yield f"{what}: {after['sentence']}"
    for name in sorted(set(files) - {LEDGER}):
        ignored = judge(files | {name: b""}) if name != CHECKPOINTS else None
        for at, data in flipped(files[name], chance):
            # an ignored file says the same whatever is in it
            after = ignored if ignored and is_refused(name, data) else judge(files | {name: data})
            told[f"other bytes {after['verdict']}"] += 1
            if after["verdict"] == "SIGNED" and after["notices"] == before["notices"]:
                yield f"{name} byte {at}: {after['sentence']}"


def needed(files: Files) -> Files:
    """Return what the verdict needs: one copy of each file, no list that was never adopted, and no private key."""
    bodies: list[Any] = [record.body for record in read_records(files[LEDGER])]
    named = {getattr(body, field, "") for body in bodies for field in ("snapshot", "request")}
    kept = dict[str, bytes]()
    for name, data in files.items():
        unnamed = name.endswith(".json") and sha(verify_draw.read_envelope(data).payload) not in named
        private = name.endswith(".pem") and b"PUBLIC KEY" not in data
        if not unnamed and not private and data not in kept.values():
            kept[name] = data
    return kept


def signed_evenings(count: int, seed: int, directory: Path) -> Iterator[tuple[Files, Judge]]:
    """Yield evenings that are signed to their last record, and how their auditor judges a copy."""
    made = number = 0
    while made < count:
        number += 1
        with evening(directory / f"{number}", f"every byte {seed} {number}") as one:
            files = contents(one.home.root)
        accept = list(must_be_accepted([record.body for record in read_records(files[LEDGER])]))
        judge = partial(word, kiosks=one.kiosks, accept=accept)
        report = judge(files)
        signed = report["verdict"] == "SIGNED" and report["signed up to"] == report["records"] <= MOST_RECORDS
        if signed and report["spins"]:
            made += 1
            yield needed(files), judge


def change_everything(count: int, seed: int, directory: Path) -> tuple[Counter[str], list[str]]:
    """Return how often each word was given, and every change that was not found."""
    told, wrong = Counter[str](), list[str]()
    with (
        mock.patch.object(secret_store, "Chain", partial(Chain, length=80)),
        mock.patch.object(os, "fsync", return_value=None),
        mock.patch.object(verify_draw, "drand_text_holds", return_value=None),  # nobody signed their rounds
        mock.patch.object(verify_draw, "signature_holds", functools.lru_cache(1 << 14)(verify_draw.signature_holds)),
        mock.patch.object(verify_draw, "read_envelope", functools.lru_cache(1 << 12)(verify_draw.read_envelope)),
        mock.patch.object(verify_draw, "check_record", once(verify_draw.check_record)),
        mock.patch.object(verify_draw, "read_canonical", functools.lru_cache(1 << 12)(verify_draw.read_canonical)),
    ):
        for number, (files, judge) in enumerate(signed_evenings(count, seed, directory)):
            found = missed(files, judge, random.Random(f"{seed} {number}"), told)  # noqa: S311
            wrong += [f"evening {number}: {one}" for one in found]
            logger.info("evening %d: %s", number, dict(told))
    return told, wrong


def main() -> int:
    count, seed = numbers(__doc__, evenings=20, seed=1)
    logging.basicConfig(level=logging.CRITICAL)
    logger.setLevel(logging.INFO)
    with tempfile.TemporaryDirectory() as directory:
        told, wrong = change_everything(count, seed, Path(directory))
    print(f"{count} evenings, {sum(told.values())} changes:", dict(told.most_common()))  # noqa: T201
    print(*(wrong[:50] or ["every one is found"]), sep="\n")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
