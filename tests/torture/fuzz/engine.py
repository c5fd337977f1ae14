"""One target under many inputs: what it took, what it refused and how, and where it broke.

Invariant: a target may accept, or refuse with an error of ours; anything else is a defect, and so is an acceptance that
an independent check denies. The same seed makes the same inputs. An input that ends as none before it did becomes a
seed itself: the refusals name the rules, so each rule that is reached leads to the next.
"""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from kiosk.core.errors import WheelError
from tests.torture.fuzz.mutation import Mutator

_MOST_SEEDS = 400
_VARYING = re.compile(r"[0-9]+|'[^']*'|\"[^\"]*\"|`[^`]*`")


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads bytes from elsewhere.

    Attributes:
        name: for the table.
        seeds: inputs that it accepts.
        read: reads one input, and checks what it accepted; raises an error of ours, or it is a defect.
        mutate: makes a variant of one of the inputs; None for changes of bytes alone.
        share: of all inputs that it gets, against the other targets: what is slow gets fewer.
    """

    name: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes], None]
    mutate: Callable[[Mutator, bytes], bytes] | None = None
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Defect:
    """An input on which a target broke: `number` under the run's seed, and how it broke."""

    number: int
    data: bytes
    error: Exception


@dataclass(slots=True)
class Account:
    """What became of the inputs of one target."""

    target: str
    inputs: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    ends: int = 0
    seconds: float = 0.0
    defects: list[Defect] = field(default_factory=list)


def fuzz(target: Target, *, inputs: int, seed: int, most_defects: int = 5) -> Account:
    """Read `inputs` variants of the target's seeds.

    Args:
        target: what to try.
        inputs: how many.
        seed: another one makes other inputs.
        most_defects: after so many it stops.
    """
    random = Random(f"{seed}:{target.name}")  # noqa: S311 - to be repeatable is the point
    mutator = Mutator(random)
    account = Account(target.name)
    corpus = list(target.seeds)
    ends: set[tuple[str, str]] = set()
    started = time.perf_counter()
    for number in range(inputs):
        source = random.choice(target.seeds if random.random() < 0.4 else corpus)  # what is good leads furthest
        if target.mutate is not None and random.random() < 0.7:
            data = target.mutate(mutator, source)
        else:
            data = mutator.bytes_like(source, corpus)
        account.inputs += 1
        try:
            target.read(data)
            end = ("accepted", "")
            account.accepted += 1
        except WheelError as error:
            end = (type(error).__name__, _VARYING.sub("#", error.message))
            account.refused[type(error).__name__] += 1
        except Exception as error:
            account.defects.append(Defect(number, data, error))
            if len(account.defects) >= most_defects:
                break
            continue
        if end not in ends and len(corpus) < _MOST_SEEDS:
            ends.add(end)
            corpus.append(data)
    account.ends = len(ends)
    account.seconds = time.perf_counter() - started
    return account
