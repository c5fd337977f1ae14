"""Histories that keep or break a rule of what comes after: claims, withdrawals, close, restored kiosks."""

from typing import Any

from tests.verify.acts import Story, after, mid_spin, press, simple, two_prizes
from tests.verify.history import EVENT, KIOSK, LATER_EVENT, OTHER_KIOSK, STRANGER, History, sha
from tests.verify.list_parts import prize, rules

HONEST: dict[str, Story] = {}
BROKEN: dict[str, tuple[Story, str]] = {}

# --- claims ---


def claimed(*claims: tuple[int, str], story: History | None = None, **changed: Any) -> History:
    """Three mugs and two reserves' places, all drawn, then claims."""
    if story is None:
        story = after(simple(prizes=[prize("mugs", 3, 2, 5)], rules=rules(presence=True)), press, press)
    for place, state in claims[:-1]:
        story.claim("mugs", place, state)
    for place, state in claims[-1:]:
        story.claim("mugs", place, state, **changed)
    return story


def claimed_without_prizes(*states: str) -> History:
    story = after(simple(), press)
    for state in states:
        story.claim("", 1, state)
    return after(story, press)


def claimed_in_the_left_event(**changed: Any) -> History:
    story = after(simple(rules=rules(presence=False)), press)
    story.again(event=LATER_EVENT, rules=rules(presence=True))
    story.claim("", 1, changed.pop("state", "declined"), event=EVENT, **changed)
    return story


def claimed_after_close() -> History:
    story = after(simple(), press)
    story.close()
    story.claim("", 1, "confirmed")
    return story


ABSENT_FORBIDDEN = {"prizes": [prize("mugs", 3, 2, 5)], "rules": rules(presence=False)}
HONEST |= {
    "held, confirmed, collected": lambda: claimed((1, "confirmed"), (1, "collected")),
    "the lowest reserve moves in, twice, then the place is open": lambda: after(
        claimed((2, "absent"), (2, "confirmed"), (2, "declined"), (2, "expired")), press
    ),
    "a reserve who is freed is passed over": lambda: claimed((4, "declined"), (1, "absent")),
    "a confirmed reserve moves in as held": lambda: claimed((4, "confirmed"), (1, "absent"), (1, "confirmed")),
    "claims without prizes": lambda: claimed_without_prizes("confirmed", "absent"),
    "a claim of an event that was left": claimed_in_the_left_event,
    "a claim by a key": lambda: claimed((1, "absent"), by=None),
    "the next press fills the open place": lambda: after(claimed((4, "expired"), (5, "expired"), (2, "absent")), press),
}
BROKEN |= {
    "held does not become collected": (lambda: claimed((1, "collected")), "does not become"),
    "confirmed twice": (lambda: claimed((1, "confirmed"), (1, "confirmed")), "does not become"),
    "collected is final": (lambda: claimed((1, "confirmed"), (1, "collected"), (1, "absent")), "does not become"),
    "a reserve's place once left is spent": (lambda: claimed((1, "absent"), (4, "confirmed")), "does not become"),
    "a reserve's place once freed is spent": (lambda: claimed((4, "absent"), (4, "confirmed")), "does not become"),
    "an open place is not held": (
        lambda: claimed((4, "absent"), (5, "absent"), (1, "absent"), (1, "confirmed"), ticket="E0001"),
        "does not hold",
    ),
    "a claim by another ticket": (lambda: claimed((1, "confirmed"), ticket="E0099"), "does not hold"),
    "a claim of a place that was not drawn": (lambda: claimed((9, "confirmed"), ticket="E0001"), "does not hold"),
    "another reserve moves in": (lambda: claimed((1, "absent"), reserve=5), "place 4"),
    "no reserve moves in": (lambda: claimed((1, "absent"), reserve=0), "place 4"),
    "a reserve moves in where nobody left": (lambda: claimed((1, "confirmed"), reserve=4), "place 0"),
    "a reserve moves into a reserve's place": (lambda: claimed((4, "absent"), reserve=5), "place 0"),
    "absent where nobody can be absent": (
        lambda: claimed((1, "absent"), story=after(simple(**ABSENT_FORBIDDEN), press)),
        "presence is false",
    ),
    "absent in a left event, judged by its last list": (lambda: claimed_in_the_left_event(state="absent"), "presence"),
    "a claim of a closed event": (claimed_after_close, "closed"),
    "a claim while a spin is open": (
        lambda: after(two_prizes(), press, History.open, lambda s: s.claim("one", 1, "absent")),
        "a spin is open",
    ),
    "a claim recorded other than signed": (lambda: claimed((1, "confirmed"), message={"state": "absent"}), "otherwise"),
    "a claim signed for another place": (lambda: claimed((1, "confirmed"), message={"place": 2}), "otherwise"),
    "a reserve's place collected": (lambda: claimed((4, "confirmed"), (4, "collected")), "nothing to collect"),
    "a claim without prizes freed twice": (lambda: claimed_without_prizes("absent", "declined"), "does not become"),
}

# --- withdraw, close, restored, rehearsal ---


def restored_from_nothing(story: History) -> object:
    told: dict[str, Any] = {"from": KIOSK.id, "to": OTHER_KIOSK.id, "head": "0" * 64}
    return story.record("restored", **told)


def restored(**changed: Any) -> History:
    story = after(simple(), press)
    story.restored(OTHER_KIOSK, **changed)
    return after(story, press)


HONEST |= {
    "a restored kiosk goes on under the same anchor": restored,
    "two restored kiosks": lambda: after(restored(), lambda s: s.restored(KIOSK), press),
    "a rehearsal": lambda: after(simple(), lambda s: s.record("rehearsal", event=EVENT), press),
    "a left event is closed": lambda: after(simple().again(event=LATER_EVENT), lambda s: s.close(event=EVENT), press),
    "a note that claims to be anything": lambda: after(
        simple(), lambda s: s.record("note", text=f"kiosk {STRANGER.id}")
    ),
}
BROKEN |= {
    "a withdrawal of nobody": (lambda: after(simple(), lambda s: s.withdraw("E0099")), "not on the list"),
    "a withdrawal twice": (lambda: after(simple(), *[lambda s: s.withdraw("E0001")] * 2), "withdrawn before"),
    "a withdrawal from a left event": (
        lambda: after(simple().again(event=LATER_EVENT), lambda s: s.withdraw("E0001", event=EVENT)),
        "not the event",
    ),
    "a withdrawal after close": (lambda: after(simple(), History.close, lambda s: s.withdraw("E0001")), "closed"),
    "a withdrawal while a spin is open": (lambda: mid_spin(lambda s: s.withdraw("E0001")), "a spin is open"),
    "a withdrawal by a key": (lambda: after(simple(), lambda s: s.withdraw("E0001", request="")), "request"),
    "a withdrawal recorded other than signed": (
        lambda: after(simple(), lambda s: s.withdraw("E0001", message={"ticket": "E0002"})),
        "otherwise",
    ),
    "a withdrawal with another reason": (
        lambda: after(simple(), lambda s: s.withdraw("E0001", message={"reason": "no reason"})),
        "otherwise",
    ),
    "a close twice": (lambda: after(simple(), History.close, History.close), "closed"),
    "a close of an event that never was": (
        lambda: after(simple(), lambda s: s.close(event=LATER_EVENT)),
        "no such event",
    ),
    "a close by a key": (lambda: after(simple(), lambda s: s.close(request="")), "request"),
    "a close signed for another event": (
        lambda: after(simple(), lambda s: s.close(message={"event": LATER_EVENT})),
        "otherwise",
    ),
    "a close while a spin is open": (lambda: mid_spin(History.close), "a spin is open"),
    "a kiosk restored from another": (lambda: restored(**{"from": STRANGER.id}), "not the key in force"),
    "a kiosk restored as itself": (lambda: restored(to=KIOSK.id), "or to is that key"),
    "a kiosk restored before any list": (
        lambda: after(History(), restored_from_nothing),
        "not the key in force",
    ),
    "a kiosk restored from an earlier head": (lambda: restored(head=sha(restored().lines[0])), "head is not that"),
    "a rehearsal of a closed event": (
        lambda: after(simple(), History.close, lambda s: s.record("rehearsal", event=EVENT)),
        "closed",
    ),
    "a kiosk restored from an unknown head": (lambda: restored(head="ab" * 32), "head is not that"),
    "a rehearsal of another event": (
        lambda: after(simple(), lambda s: s.record("rehearsal", event=LATER_EVENT)),
        "no such event",
    ),
    "a spin before any list": (
        lambda: after(History(), lambda s: s.record("shown", spin=1, duration_ms=0, frames=0)),
        "no spin is open",
    ),
    "a rehearsal before any list": (
        lambda: after(History(), lambda s: s.record("rehearsal", event=EVENT)),
        "no such event",
    ),
}
