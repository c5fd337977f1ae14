"""Histories that keep or break a rule of lists: adopting, correcting, entropy."""

from functools import partial
from typing import Any

from tests.verify.acts import Story, after, evening, press, simple, whole_evening
from tests.verify.history import DRAND, EVENT, LATER_EVENT, OTHER_KIOSK, STRANGER, History, sha
from tests.verify.list_parts import Fields, entries, prize, rules

HONEST: dict[str, Story] = {}
BROKEN: dict[str, tuple[Story, str]] = {}

# --- adopt ---

HONEST["a whole evening with every kind of record"] = whole_evening
HONEST["a simple wheel: one prize of no name"] = lambda: after(simple(), press, press)
HONEST["the same list again before any entropy or spin"] = lambda: after(simple(), History.adopt, press)
HONEST["skipped generations"] = lambda: simple(generation=7, previous=sha(b"never adopted here")).again(generation=9)


def adopt_again(story: History) -> History:
    story.adopt()
    return story


def old_list_again() -> History:
    story = simple()
    kept, s = story.list, story.s
    story.again()
    story.list, story.s = kept, s
    return adopt_again(story)


def same_generation_other_list() -> History:
    story = simple()
    return story.again(generation=1, previous="", names=sha(b"others"))


def left_event_again() -> History:
    story = simple().again(event=LATER_EVENT)
    return story.again(event=EVENT)


def closed_event_again() -> History:
    story = simple()
    story.close()
    return story.again()


def reused_anchor() -> History:
    story = simple()
    story.publish()
    story.seed -= 1
    story.adopt()
    return story


def revealed_anchor() -> History:
    story = after(simple(), press)
    revealed = story.chain[len(story.chain) - 2].hex()
    story.publish()
    story.adopt(anchor=revealed)
    return story


def adopted_mid_spin() -> History:
    story = simple()
    story.open()
    return story.again()


def adopting(**changed: Any) -> History:
    story = History()
    story.publish()
    story.adopt(**changed)
    return story


def adopted_request() -> History:
    story = History()
    story.publish()
    story.adopt(snapshot=story.request("wheel-close/2", event=EVENT))
    return story


BROKEN |= {
    "a request adopted as a list": (adopted_request, "not a list"),
    "the same generation after a spin": (lambda: adopt_again(after(simple(), press)), "adopted before"),
    "the same generation after its entropy": (lambda: adopt_again(evening()), "adopted before"),
    "an older list again": (old_list_again, "adopted before"),
    "another list of the same generation": (same_generation_other_list, "adopted before"),
    "a list that does not follow the one before": (lambda: simple().again(previous="ab" * 32), "previous"),
    "an anchor that was used before": (reused_anchor, "used before"),
    "a revealed secret as an anchor": (revealed_anchor, "used before"),
    "a list of an event that was left": (left_event_again, "was left"),
    "a list of a closed event": (closed_event_again, "closed"),
    "a list adopted while a spin is open": (adopted_mid_spin, "a spin is open"),
    "an adopt with another event": (lambda: adopting(event=LATER_EVENT), "those of its list"),
    "an adopt with another generation": (lambda: adopting(generation=2), "those of its list"),
    "an adopt with another number of entries": (lambda: adopting(entries=19), "those of its list"),
    "an adopt with another total weight": (lambda: adopting(weight=1), "those of its list"),
    "an adopt with another signer": (lambda: adopting(signer=STRANGER.id), "signer"),
}

# --- corrections ---


def corrected(*, win: bool = True, again: Fields | None = None, **first: Any) -> History:
    story = simple(**first)
    if win:
        story.press()
    changed = again or {}
    return story.again(**changed)


def without_the_winner() -> History:
    story = after(simple(), press)
    return story.again(entries=[one for one in entries() if one["ticket"] != story.won[0][2]])


MUGS = prize("mugs", 3, 1, 1, ("x",))
HONEST |= {
    "a correction of titles and of prizes not drawn": lambda: after(
        corrected(
            prizes=[MUGS, prize("later")], again={"prizes": [MUGS | {"title": "Cups", "sponsor": "us"}, prize("new")]}
        ),
        press,
    ),
    "new rules before the first spin": lambda: corrected(win=False, again={"rules": rules(win_once="never")}),
    "an event that may predetermine and then promises not to": lambda: corrected(
        win=False, rules=rules(predetermined=True), again={"rules": rules()}
    ),
    "a new event with other rules": lambda: after(
        corrected(again={"event": LATER_EVENT, "rules": rules(win_once="never")}), press
    ),
}
BROKEN |= {
    "a correction without a winner": (without_the_winner, "not on this list"),
    "a correction without a drawn prize": (
        lambda: corrected(prizes=[MUGS, prize("later")], again={"prizes": [prize("later")]}),
        "not on this list",
    ),
    "prizes added after places without prizes": (lambda: corrected(again={"prizes": [MUGS]}), "has prizes"),
    "a correction of the rules after a spin": (
        lambda: corrected(again={"rules": rules(win_once="never")}),
        "rules changed",
    ),
    "the order of presses freed after a spin": (
        lambda: corrected(again={"rules": rules(order="free")}),
        "rules changed",
    ),
    "a promise taken back before any spin": (
        lambda: corrected(win=False, again={"rules": rules(predetermined=True)}),
        "predetermined is false",
    ),
} | {
    f"a correction of {name} of a drawn prize": (
        partial(corrected, prizes=[MUGS], again={"prizes": [MUGS | {name: value}]}),
        f"another {name}",
    )
    for name, value in {"quantity": 2, "reserves": 0, "per_press": 2, "groups": []}.items()
}

# --- entropy ---


def with_entropy(*texts: str, plan: tuple[str, ...] = ("dice", "lottery:saturday"), **changed: Any) -> History:
    story = simple(entropy=list(plan))
    for text in texts:
        story.entropy(text, **changed)
    return story


def entropy_mid_spin() -> History:
    story = simple(entropy=["dice"])
    story.texts = ["dice:1"]
    story.open()
    story.texts = []
    story.entropy("dice:1")
    return story


HONEST |= {
    "entropy in the order of the plan": lambda: after(with_entropy("dice:1", "lottery:saturday:7"), press),
    "a drand round that arose after the adopt": lambda: after(
        with_entropy(f"{DRAND}:{'ab' * 48}", plan=(DRAND,)), press
    ),
    "entropy again for a new list": lambda: after(
        after(with_entropy("dice:1", "lottery:saturday:7"), press).again(entropy=["audience"]),
        lambda story: story.entropy("audience:42"),
        press,
    ),
}
BROKEN |= {
    "entropy in another order": (lambda: with_entropy("lottery:saturday:7", "dice:1"), "the next text is"),
    "the same entropy twice": (lambda: with_entropy("dice:1", "dice:2"), "the next text is"),
    "entropy beyond the plan": (lambda: with_entropy("dice:1", "dice:2", plan=("dice",)), "no further entropy"),
    "entropy without a plan": (lambda: with_entropy("dice:1", plan=()), "no further entropy"),
    "entropy of another lottery": (
        lambda: with_entropy("lottery:sunday:7", plan=("lottery:saturday",)),
        "the next text",
    ),
    "dice without points between them": (lambda: with_entropy("dice:3 1 6", plan=("dice",)), "dice are numbers"),
    "a value of 201 characters": (
        lambda: with_entropy("audience:" + "x" * 201, plan=("audience",)),
        "at most 200 characters",
    ),
    "entropy without a value": (lambda: with_entropy("dice:", plan=("dice",)), "the next text is"),
    "a drand round without its signature": (lambda: with_entropy(f"{DRAND}:{'ab' * 32}", plan=(DRAND,)), "96"),
    "a drand signature in capitals": (lambda: with_entropy(f"{DRAND}:{'AB' * 48}", plan=(DRAND,)), "96"),
    "a drand round known before the adopt": (
        lambda: with_entropy(f"drand:quicknet:9999999:{'ab' * 48}", plan=("drand:quicknet:9999999",)),
        "known before",
    ),
    "a drand round that had not arisen": (
        lambda: with_entropy(f"drand:quicknet:99999999:{'ab' * 48}", plan=("drand:quicknet:99999999",)),
        "not arisen",
    ),
    "entropy while a spin is open": (entropy_mid_spin, "missing"),
    "entropy recorded for another list": (lambda: with_entropy("dice:1", snapshot="ab" * 32), "another list"),
    "entropy recorded for another anchor": (lambda: with_entropy("dice:1", anchor="ab" * 32), "another anchor"),
    "entropy signed for another list": (lambda: with_entropy("dice:1", message={"snapshot": "ab" * 32}), "otherwise"),
    "entropy signed for another anchor": (lambda: with_entropy("dice:1", message={"anchor": "ab" * 32}), "otherwise"),
    "entropy signed for another kiosk": (
        lambda: with_entropy("dice:1", message={"kiosk": OTHER_KIOSK.id}),
        "otherwise",
    ),
    "entropy signed for another event": (lambda: with_entropy("dice:1", message={"event": LATER_EVENT}), "otherwise"),
    "entropy recorded other than signed": (lambda: with_entropy("dice:1", message={"text": "dice:2"}), "otherwise"),
    "entropy without a request": (lambda: with_entropy("dice:1", request=""), "request"),
    "a spin before the last entropy": (lambda: after(with_entropy("dice:1"), press), "entropy text is missing"),
    "a spin before any entropy": (lambda: after(with_entropy(), press), "entropy text is missing"),
}
