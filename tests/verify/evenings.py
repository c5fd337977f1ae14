"""Judges random evenings of the real kiosk: `python -m tests.verify.evenings 1000 [SEED]`.

Claims: the verifier says SIGNED of what the kiosk wrote, unless something happened that the auditor must accept; it
names the winners that the kiosk announced; and no edit by somebody without a key is SIGNED beyond what a key signed.
"""

import base64
import contextlib
import functools
import json
import logging
import os
import random
import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store
from kiosk.ledger.reader import read_records
from kiosk.ledger.record import Adopt, Body, Claim, Entropy, Restored, Result, Void, Withdraw
from tests.support import KEY
from tests.verify.arguments import numbers
from tests.verify.evening_driver import Evening, evening
from tests.verify.history import sha
from tests.verify.manipulations import CHECKPOINTS, KINDS, LEDGER, Files
from verify import verify_draw

EDITS = 10


@dataclass
class Tally:
    """What was seen, and what was wrong: nothing, if all is well."""

    words: Counter[str] = field(default_factory=Counter)
    edited: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    spins: int = 0
    wrong: list[str] = field(default_factory=list)


def contents(home: Path) -> Files:
    """Return what a copy of the home holds, by name."""
    return {str(path.relative_to(home)): path.read_bytes() for path in verify_draw.found_under(home)}


def word(files: Files, kiosks: set[str], accept: list[int], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the verifier's report; the holder of `files` names these kiosks and the organiser, and kept `seen`."""
    found = verify_draw.Files()
    for name, data in files.items():
        found.add(name, data)
    named = Namespace(kiosk=sorted(kiosks), organiser=[KEY.public.keyid], seen=seen, trust=[], accept=accept)
    try:
        return verify_draw.verify(found, verify_draw.Trusted(named))
    except (verify_draw.Broken, verify_draw.Unusable) as error:
        return {"verdict": type(error).__name__.upper(), "sentence": str(error), "spins": []}


def key_changed_unsigned(files: Files, bodies: list[Body]) -> bool:
    """Say whether a key was replaced before it had signed its last record: in a spin, or by a power cut."""
    signed = set[tuple[str, int]]()
    for line in files.get("kiosk/checkpoints.jsonl", b"").split(b"\n"):
        with contextlib.suppress(ValueError, KeyError):
            told = json.loads(base64.b64decode(json.loads(line)["payload"]))
            signed.add((told["kiosk"], told["seq"]))
    changes = ((seq, body) for seq, body in enumerate(bodies, 1) if isinstance(body, Restored))
    return any((body.from_, seq - 1) not in signed for seq, body in changes)


def faults(one: Evening, tally: Tally) -> Iterator[str]:
    """Yield where the verifier's report differs from what happened."""
    files = contents(one.home.root)
    bodies = [record.body for record in read_records(files[LEDGER])]
    tally.kinds.update(type(body).__name__.lower() for body in bodies)
    lowering = list(must_be_accepted(bodies))
    plain, report = word(files, one.kiosks, []), word(files, one.kiosks, lowering)
    tally.words[plain["verdict"]] += 1
    open_spin = one.history.unfinished is not None
    unsigned = open_spin or key_changed_unsigned(files, bodies)
    due = "CONSISTENT" if unsigned or lowering else "SIGNED"
    if plain["verdict"] != due:
        yield f"the word is {plain['verdict']}, not {due}: {plain['sentence']} {plain.get('why not SIGNED')}"
    state = "closed" if one.history.event and one.history.event.closed else "open"
    if not unsigned and report["sentence"] != f"SIGNED up to record {len(bodies)}, event {state}":
        yield f"with {lowering} accepted it says {report['sentence']!r} {report.get('why not SIGNED')}"
    told = {(spin["event"], spin["spin"]): spin for spin in report["spins"] if spin["winners"]}
    tally.spins += len(told)
    for key, said in one.announced.items():
        found = told.get(key)
        if found is None or (tuple(found["winners"]), found["mode"], found["fallback"]) != (
            said.winners,
            said.mode,
            said.fallback,
        ):
            yield f"spin {key}: the kiosk said {said}, the verifier {found}"
    if len(told) < len(one.announced) or len(told) > len(one.announced) + open_spin:
        yield f"{len(told)} spins have winners, and {len(one.announced)} were announced"
    claims = [body for body in bodies if isinstance(body, Claim) and body.state in {"absent", "declined", "expired"}]
    counted = {
        "freed by key": sum(not body.request for body in claims),
        "freed by request": sum(bool(body.request) for body in claims),
        "withdrawn": sum(isinstance(body, Withdraw) for body in bodies),
    }
    if any(report.get(name) != count for name, count in counted.items()):
        yield f"it counts otherwise than {counted}"
    if not unsigned:
        anchors = [body.anchor for body in bodies if isinstance(body, Adopt)]
        kept = word(files, one.kiosks, lowering, (*anchors, sha(files[LEDGER].splitlines()[-1])))
        levels, due_levels = [spin["level"] for spin in kept["spins"]], list(levels_if_witnessed(bodies))
        tally.levels.update(levels)
        if levels != due_levels:
            yield f"with every anchor kept the levels are {levels}, not {due_levels}"


def levels_if_witnessed(bodies: list[Any]) -> Iterator[str]:
    """Yield the level of each spin with a result, for an auditor who kept each anchor before its last text."""
    last = ""
    for body in bodies:
        match body:
            case Adopt():
                last = ""
            case Entropy(text=text):
                last = text
            case Result(mode="fixed"):
                yield "predetermined by the organiser"
            case Result() if last.startswith("drand:"):
                yield "public; drand round unchecked"
            case Result() if last:
                yield "public" if last.startswith("lottery:") else "live"
            case Result():
                yield "sealed: you trust whoever runs the kiosk"


def must_be_accepted(bodies: list[Any]) -> Iterator[int]:
    """Yield the records that keep the word at CONSISTENT: void, and adopt after entropy without a result."""
    entropy = result = False
    for seq, body in enumerate(bodies, 1):
        if isinstance(body, Void) or (isinstance(body, Adopt) and entropy and not result):
            yield seq
        if isinstance(body, Adopt):
            entropy = result = False
        entropy, result = entropy or isinstance(body, Entropy), result or isinstance(body, Result)


def edit_faults(one: Evening, other: Files, tally: Tally, chance: random.Random, edits: int) -> Iterator[str]:
    """Edit a copy at random, and yield each time that the word is higher than it may be."""
    original = contents(one.home.root)
    lines = original[LEDGER].splitlines(keepends=True)
    prefixes = {sha(b"".join(lines[:count])): count for count in range(1, len(lines) + 1)}
    accept = list(must_be_accepted([record.body for record in read_records(original[LEDGER])]))
    for _ in range(edits):
        files, done = dict(original), []
        for _ in range(chance.choice([1, 1, 1, 2])):
            kind = chance.choice(KINDS)
            if LEDGER in files and CHECKPOINTS in files:
                kind(chance, files, other)
                done.append(kind.__name__)
        report = word(files, one.kiosks, accept)
        tally.edited[report["verdict"]] += 1
        count = prefixes.get(sha(files.get(LEDGER, b"")))
        if report["verdict"] not in {"SIGNED", "WITNESSED"}:
            continue
        if count is None:
            yield f"{done}: SIGNED, although no kiosk signed this ledger"
        elif report["signed up to"] != count:
            yield f"{done}: {report['sentence']}, and {count} records are there"


def judge(seed: object, directory: Path, other: Files, tally: Tally, *, edits: int = EDITS) -> Files:
    """Make the evening `seed`, judge it, and return its files."""
    with evening(directory, seed) as one:
        found = list(faults(one, tally))
        found += edit_faults(one, other or contents(one.home.root), tally, random.Random(f"edits {seed}"), edits)  # noqa: S311
        tally.wrong += [f"seed {seed}: {fault}" for fault in found]
        return contents(one.home.root)


def judge_many(count: int, seed: int, directory: Path, *, edits: int = EDITS, seconds: float = 1e9) -> Tally:
    """Judge evenings until there are `count`, or the time is up."""
    tally, other, until = Tally(), dict[str, bytes](), time.monotonic() + seconds
    with (
        mock.patch.object(secret_store, "Chain", partial(Chain, length=80)),
        mock.patch.object(os, "fsync", return_value=None),
        mock.patch.object(verify_draw, "drand_text_holds", return_value=None),  # nobody signed their rounds
        mock.patch.object(verify_draw, "signature_holds", functools.lru_cache(1 << 14)(verify_draw.signature_holds)),
        mock.patch.object(verify_draw, "read_envelope", functools.lru_cache(1 << 12)(verify_draw.read_envelope)),
    ):
        for number in range(count):
            if time.monotonic() > until:
                break
            other = judge(f"{seed} {number}", directory / f"{number}", other, tally, edits=edits)
    return tally


def main() -> int:
    count, seed, seconds = numbers(__doc__, evenings=1000, seed=1, seconds=100_000)
    logging.disable()
    with tempfile.TemporaryDirectory() as directory:
        tally = judge_many(count, seed, Path(directory), seconds=seconds)
    evenings, edits = sum(tally.words.values()), sum(tally.edited.values())
    print(f"{evenings} evenings, {tally.spins} spins:", dict(tally.words.most_common()))  # noqa: T201
    print(f"{edits} edits:", dict(tally.edited.most_common()))  # noqa: T201
    print("levels:", dict(tally.levels.most_common()))  # noqa: T201
    print("records:", dict(tally.kinds.most_common()))  # noqa: T201
    print(*(tally.wrong[:50] or ["the verifier says the right word of each, winner by winner"]), sep="\n")  # noqa: T201
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
