"""Whole histories for the verifiers' tests, and the small acts that stories are made of."""

from collections.abc import Callable
from typing import Any

from tests.verify.history import EVENT, LATER_EVENT, OTHER_KIOSK, History, sha
from tests.verify.list_parts import NATURAL, entries, fixed, prize, rules, spins

Story = Callable[[], object]


def evening(**changed: Any) -> History:
    """The list of the vectors, adopted, and its entropy recorded."""
    usual = {
        "entries": entries(20, ((2, 3), (7, 10), (11, 13))),
        "prizes": [prize("grand"), prize("mugs", 3, 1, 2, ("x",)), prize("rest", 2)],
        "rules": rules(household_once=True, predetermined=True),
        "entropy": ["dice"],
        "spins": spins("mixed", steps=[NATURAL] * 5 + [fixed("E0016")], then="natural"),
    }
    history = History().begin(**usual | changed)
    for item in history.list["entropy"]:
        history.entropy(item + (f":{'ab' * 48}" if item.startswith("drand") else ":3.1.6.6.2.4"))
    return history


def whole_evening() -> History:
    """Every kind of record, every rule kept: spins, claims, a correction, a restored kiosk, a close, a new event."""
    history = evening()
    history.record("rehearsal", event=EVENT)
    for _ in range(4):
        history.press()
    history.claim("mugs", 2, "absent", by=None)
    history.claim("mugs", 1, "declined")
    for _ in range(2):
        history.press()
    unlucky = next(one["ticket"] for one in history.pool("rest"))
    history.withdraw(unlucky)
    history.claim("grand", 1, "confirmed")
    history.claim("grand", 1, "collected")
    history.record("note", text="a note")
    history.record("refused", file="snapshot-000009.json", reason="not canonically encoded")
    history.record("recovered", bytes=12, digest=sha(b"torn"))
    history.again(prizes=[*history.list["prizes"], prize("last", 2)], spins=spins())
    history.entropy("dice:1.1.1")
    history.press()
    history.restored(OTHER_KIOSK)
    history.press()
    history.again(event=LATER_EVENT, prizes=[], entropy=[])
    history.claim("rest", 1, "expired", event=EVENT)
    history.close(event=EVENT)
    history.press()
    history.withdraw(history.pool("")[0]["ticket"])
    history.press()
    history.close()
    return history


def simple(**changed: Any) -> History:
    return History().begin(**changed)


def after(story: History, *acts: Callable[[History], object]) -> History:
    for act in acts:
        act(story)
    return story


def press(story: History) -> object:
    return story.press()


def opened(story: History, name: str | None = None, **changed: Any) -> History:
    story.open(name, **changed)
    story.result()
    story.shown()
    return story


def two_prizes(**changed: Any) -> History:
    return simple(prizes=[prize("one", 2, 1, 2), prize("two", 2, 1, 2)], **changed)


def mid_spin(*acts: Callable[[History], object]) -> History:
    story = simple()
    story.open()
    return after(story, *acts)


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U"


def short(full: str) -> str:
    value = int(full, 16) >> 126
    return "".join(CROCKFORD[value >> 5 * n & 31] for n in reversed(range(26))) + CROCKFORD[value % 37]


def spun(presses: int = 2, *entropy: str) -> History:
    story = History().begin(entropy=list(entropy))
    for item in entropy:
        story.entropy(item + (f":{'ab' * 48}" if item.startswith("drand") else ":3.1.6"))
    for _ in range(presses):
        story.press()
    return story


def requested(**changed: Any) -> History:
    story = spun(1)
    story.claim("", 1, "confirmed", **changed)
    return story
