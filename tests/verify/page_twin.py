"""Holds the public page against verify_draw.py on random evenings: `python -m tests.verify.page_twin 2000 [SEED]`.

Claim: on each evening of the real kiosk, and on an edited copy of it, the page's script in Node.js says the same as
the verifier, word for word: verdict, sentence, level, spins, reasons, notices and exit status.
"""

import logging
import os
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest import mock

from kiosk.draw.protocol import Chain
from kiosk.ledger import secret_store
from kiosk.ledger.reader import read_records
from tests.support import KEY
from tests.verify.arguments import numbers
from tests.verify.evening_driver import evening
from tests.verify.evenings import contents, must_be_accepted
from tests.verify.history import sha
from tests.verify.manipulations import CHECKPOINTS, KINDS, LEDGER, Files
from tests.verify.page_in_node import PageInNode, difference, verifier_says
from verify import verify_draw

Case = tuple[Files, dict[str, object]]


def edited(chance: random.Random, original: Files, other: Files) -> Files:
    """Return a copy that somebody without a key edited."""
    files = dict(original)
    for _ in range(chance.choice([1, 1, 2])):
        if LEDGER in files and CHECKPOINTS in files:
            chance.choice(KINDS)(chance, files, other)
    return files


def cases(count: int, seed: int, directory: Path) -> Iterator[Case]:
    """Yield evenings and edited copies of them, each with what its auditor names."""
    other: Files = {}
    with (
        mock.patch.object(secret_store, "Chain", partial(Chain, length=80)),
        mock.patch.object(os, "fsync", return_value=None),
        mock.patch.object(verify_draw, "drand_text_holds", return_value=None),  # the page checks no drand round
    ):
        for number in range(count):
            chance = random.Random(f"page {seed} {number}")  # noqa: S311
            with evening(directory / f"{number}", f"page {seed} {number}") as one:
                files = contents(one.home.root)
            bodies = [record.body for record in read_records(files[LEDGER])]
            kept = [f"{anchor}" for body in bodies if (anchor := getattr(body, "anchor", ""))]
            options: dict[str, object] = {
                "kiosk": sorted(one.kiosks),
                "organiser": [KEY.public.keyid],
                "accept": chance.choice([[], list(must_be_accepted(bodies))]),
                "seen": [*kept, sha(files[LEDGER].split(b"\n")[-2])] if chance.random() < 0.5 else [],
            }
            yield files, options
            yield edited(chance, files, other or files), options
            other = files


def compare(found: Iterator[Case]) -> tuple[Counter[str], list[str]]:
    """Return the verdicts, and every difference."""
    words, wrong = Counter[str](), list[str]()
    with PageInNode() as page:
        for number, (files, options) in enumerate(found):
            due = verifier_says(files, **options)
            words[due["report"]["verdict"]] += 1
            if told := difference(page.draw(files, **options), due):
                wrong.append(f"case {number}: {told}")
    return words, wrong


def main() -> int:
    count, seed = numbers(__doc__, evenings=2000, seed=1)
    logging.disable()
    with tempfile.TemporaryDirectory() as directory:
        words, wrong = compare(cases(count, seed, Path(directory)))
    print(f"{count} evenings and {count} edited copies:", dict(words.most_common()))  # noqa: T201
    print(*(wrong[:20] or ["the page says the same of each, word for word"]), sep="\n")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
