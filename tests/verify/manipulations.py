"""Manipulates signed histories at random and asks for the word: `python -m tests.verify.manipulations 100000`.

Two kiosks draw from one list; the auditor names both, and the organiser. Who manipulates has no key, but may
recompute every hash. Claim: the word is SIGNED only for a ledger that is, byte for byte, the beginning of what one
of the kiosks signed; then it says which record is the last, and "open" unless the signed close is in it.
"""

import functools
import json
import random
from argparse import Namespace
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.verify.arguments import numbers
from tests.verify.history import EVENT, KIOSK, ORGANISER, OTHER_KIOSK, History, canonical, sha
from tests.verify.list_parts import prize, rules
from verify import verify_draw

Files = dict[str, bytes]
LEDGER, CHECKPOINTS = "kiosk/ledger.jsonl", "kiosk/checkpoints.jsonl"


def signed_history(kiosk: object, seed: int) -> History:
    story = History(kiosk=kiosk, seed=seed)  # type: ignore[arg-type]
    story.begin(prizes=[prize("mugs", 3, 2, 2), prize("grand", 2)], rules=rules(household_once=True), entropy=["dice"])
    story.entropy("dice:3.1.6")
    story.press()
    story.press()
    story.press()
    story.claim("mugs", 1, "absent", by=None)
    story.claim("mugs", 2, "confirmed")
    story.withdraw(story.pool("grand")[0]["ticket"])
    story.press()
    story.close()
    return story


def files_of(story: History) -> Files:
    files = dict(story.files) | {LEDGER: story.ledger(), CHECKPOINTS: b"".join(story.checkpoints)}
    return files | {"kiosk/kiosk-key.pub.pem": KIOSK.pem, "kiosk/other.pem": OTHER_KIOSK.pem}


@dataclass
class Stock:
    """What there is to manipulate, and to take from."""

    stories: list[History] = field(default_factory=lambda: [signed_history(KIOSK, 0), signed_history(OTHER_KIOSK, 500)])

    def __post_init__(self) -> None:
        self.files = [files_of(story) for story in self.stories]
        self.prefixes = {
            sha(b"".join(line + b"\n" for line in story.lines[:n])): n
            for story in self.stories
            for n in range(1, len(story.lines) + 1)
        }


def lines_of(files: Files, name: str) -> list[bytes]:
    return files[name].split(b"\n")[:-1]


def joined(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def rechained(lines: list[bytes]) -> list[bytes]:
    """Give every record the seq and prev of its place, as somebody without a key can."""
    head, made = "0" * 64, []
    for seq, line in enumerate(lines, 1):
        try:
            record = json.loads(line) | {"seq": seq, "prev": head}
        except (ValueError, TypeError):
            return lines
        made.append(canonical(dict(sorted(record.items()))))
        head = sha(made[-1])
    return made


def pick(chance: random.Random, files: Files, other: Files) -> str:
    weighted = [LEDGER] * 6 + [CHECKPOINTS] * 3 + sorted(files)
    return chance.choice([name for name in weighted if name in files and name in other] or [LEDGER])


def flip(chance: random.Random, files: Files, other: Files) -> None:
    name = pick(chance, files, other)
    data = bytearray(files[name] or b"x")
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    files[name] = bytes(data)


def cut(chance: random.Random, files: Files, other: Files) -> None:
    name = pick(chance, files, other)
    files[name] = files[name][: chance.randrange(len(files[name]) + 1)]


def cut_records(chance: random.Random, files: Files, other: Files) -> None:
    """Cut the ledger, and often the checkpoints beyond it."""
    lines = lines_of(files, LEDGER)
    kept = chance.randrange(len(lines) + 1)
    files[LEDGER] = joined(lines[:kept])
    if chance.random() < 0.8:
        signed = [(json.loads(verify_draw.read_envelope(one + b"\n").payload)["seq"], one) for one in readable(files)]
        files[CHECKPOINTS] = joined([one for seq, one in signed if seq <= kept])


def readable(files: Files) -> list[bytes]:
    good = []
    for one in lines_of(files, CHECKPOINTS):
        try:
            if "seq" in verify_draw.read_envelope(one + b"\n").body:
                good.append(one)
        except ValueError:
            continue
    return good


def append(chance: random.Random, files: Files, other: Files) -> None:
    """Go on from the end of the ledger with a record that is right by itself."""
    lines = lines_of(files, LEDGER)
    note = canonical(
        {"at": "2026-05-01T12:00:00.000Z", "prev": "", "seq": 0, "text": f"{chance.random()}", "type": "note"}
    )
    files[LEDGER] = joined(rechained([*lines, chance.choice([note, *lines_of(other, LEDGER)])]))


def reorder(chance: random.Random, files: Files, other: Files) -> None:
    name = chance.choice([LEDGER, CHECKPOINTS])
    lines = lines_of(files, name)
    if len(lines) > 1:
        one, two = chance.sample(range(len(lines)), 2)
        lines[one], lines[two] = lines[two], lines[one]
    files[name] = joined(rechained(lines) if name == LEDGER and chance.random() < 0.5 else lines)


def duplicate(chance: random.Random, files: Files, other: Files) -> None:
    name = chance.choice([LEDGER, CHECKPOINTS])
    lines = lines_of(files, name) or [b"{}"]
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    files[name] = joined(rechained(lines) if name == LEDGER and chance.random() < 0.5 else lines)


def remove(chance: random.Random, files: Files, other: Files) -> None:
    name = pick(chance, files, other)
    if name in {LEDGER, CHECKPOINTS} and len(lines := lines_of(files, name)) > 1:
        del lines[chance.randrange(len(lines))]
        files[name] = joined(rechained(lines) if name == LEDGER and chance.random() < 0.5 else lines)
    else:
        del files[name]


def splice(chance: random.Random, files: Files, other: Files) -> None:
    """Take the beginning from one kiosk and the end from the other, or a whole file."""
    name = pick(chance, files, other)
    if name not in {LEDGER, CHECKPOINTS} or chance.random() < 0.3:
        files[name] = other[name]
        return
    mine, theirs = lines_of(files, name), lines_of(other, name)
    lines = mine[: chance.randrange(len(mine) + 1)] + theirs[chance.randrange(len(theirs) + 1) :]
    files[name] = joined(rechained(lines) if name == LEDGER and chance.random() < 0.7 else lines)


def change(chance: random.Random, files: Files, other: Files) -> None:
    """Change one field of one record and recompute every hash after it."""
    lines = lines_of(files, LEDGER)
    if not lines:
        return
    at = chance.randrange(len(lines))
    try:
        record, donor = json.loads(lines[at]), json.loads(chance.choice(lines_of(other, LEDGER) or [b"{}"]))
    except ValueError:
        return
    if not isinstance(record, dict) or not isinstance(donor, dict) or not record:
        return
    name = chance.choice(sorted(record))
    value = record[name]
    if name in donor and chance.random() < 0.5:
        record[name] = donor[name]
    else:
        record[name] = (
            value + 1 if isinstance(value, int) else f"{value}"[::-1] if isinstance(value, str) else value[::-1]
        )
    lines[at] = canonical(dict(sorted(record.items())))
    files[LEDGER] = joined(rechained(lines))


KINDS: list[Callable[[random.Random, Files, Files], None]] = [
    flip, cut, cut_records, append, reorder, duplicate, remove, splice, change,
]  # fmt: skip
TRUSTED = Namespace(kiosk=[KIOSK.id, OTHER_KIOSK.id], organiser=[ORGANISER.id], seen=[], trust=[], accept=[])


def word(files: Files) -> tuple[str, str]:
    found = verify_draw.Files()
    for name, data in files.items():
        found.add(name, data)
    try:
        report = verify_draw.verify(found, verify_draw.Trusted(TRUSTED))
    except verify_draw.Broken:
        return "BROKEN", ""
    except verify_draw.Unusable:
        return "UNUSABLE", ""
    return str(report["verdict"]), str(report["sentence"])


def manipulated(stock: Stock, chance: random.Random) -> tuple[list[str], Files]:
    first = chance.randrange(2)
    files, other = dict(stock.files[first]), stock.files[1 - first]
    done = []
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        kind = chance.choice(KINDS)
        if LEDGER in files and CHECKPOINTS in files:
            kind(chance, files, other)
            done.append(kind.__name__)
    return done, files


def overrated(stock: Stock, files: Files) -> tuple[str, str]:
    """The word, and what is wrong with it, or ""."""
    verdict, sentence = word(files)
    if verdict not in {"SIGNED", "WITNESSED"}:
        return verdict, ""
    n = stock.prefixes.get(sha(files.get(LEDGER, b"")))
    if n is None:
        return verdict, "SIGNED, although no kiosk signed this ledger"
    last = len(stock.stories[0].lines)
    due = f"SIGNED up to record {n}, event {'closed' if n == last else 'open'}"
    return verdict, "" if sentence == due else f"it says {sentence!r}, not {due!r}"


def try_many(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how often each word was given, and every wrong one with the seed that makes it."""
    stock, words, wrong = Stock(), Counter[str](), []
    for number in range(count):
        done, files = manipulated(stock, random.Random(f"{seed} {number}"))  # noqa: S311
        verdict, fault = overrated(stock, files)
        words[verdict] += 1
        if fault:
            wrong.append(f"seed {seed} number {number} ({', '.join(done)}): {fault}")
    return words, wrong


def main() -> int:
    count, seed = numbers(__doc__, manipulations=2000, seed=1)
    verify_draw.signature_holds = functools.cache(verify_draw.signature_holds)  # the same ones come again and again
    verify_draw.read_envelope = functools.cache(verify_draw.read_envelope)
    words, wrong = try_many(count, seed)
    print(f"{count} manipulations of an event {EVENT}:", dict(words.most_common()))  # noqa: T201
    print(*(wrong or ["none SIGNED beyond what a named key signed; every cut copy says open"]), sep="\n")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
