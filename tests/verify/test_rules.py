"""Every rule of the protocol: one history that keeps it is SIGNED, one that breaks it is BROKEN."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.verify.history import (
    DRAND,
    EVENT,
    KIOSK,
    LATER_EVENT,
    NATURAL,
    OTHER_KIOSK,
    STRANGER,
    Fields,
    History,
    entries,
    evening,
    fixed,
    prize,
    rules,
    sha,
    spins,
    whole_evening,
)
from tests.verify.judge import judge

Story = Callable[[], object]
HONEST: dict[str, Story] = {}
BROKEN: dict[str, tuple[Story, str]] = {}


def simple(**changed: Any) -> History:
    return History().begin(**changed)


def after(story: History, *acts: Callable[[History], object]) -> History:
    for act in acts:
        act(story)
    return story


def press(story: History) -> object:
    return story.press()


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


BROKEN |= {
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

# --- open ---


def opened(story: History, name: str | None = None, **changed: Any) -> History:
    story.open(name, **changed)
    story.result()
    story.shown()
    return story


def two_prizes(**changed: Any) -> History:
    return simple(prizes=[prize("one", 2, 1, 2), prize("two", 2, 1, 2)], **changed)


def voided() -> History:
    story = simple()
    story.open()
    story.void()
    return story


def opened_twice() -> History:
    story = simple()
    story.open()
    story.open()
    return story


def opened_after_close() -> History:
    story = simple()
    story.close()
    return after(story, press)


def opened_for_the_left_event() -> History:
    story = simple()
    kept = story.list
    story.again(event=LATER_EVENT)
    return opened(story, event=kept["event"]["id"])


def reserve_while_a_place_is_open() -> History:
    story = after(simple(prizes=[prize("one", 2, 1, 2)]), press)
    story.claim("one", 1, "absent")
    return opened(story, place_list=[3])


MIXED = {"spins": spins("mixed", steps=[fixed("E0005"), NATURAL], then="repeat"), "rules": rules(predetermined=True)}
STOPPED = {"spins": spins("mixed", steps=[NATURAL], then="stop")}
HONEST |= {
    "a press fills several places, then the reserve's": lambda: after(two_prizes(), press, press, press, press),
    "presses in an order of the operator's": lambda: after(
        two_prizes(rules=rules(order="free")), lambda s: s.press("two"), press
    ),
    "steps that repeat": lambda: after(simple(**MIXED), press, press, press, press),
    "steps that go on naturally": lambda: after(
        simple(spins=spins("mixed", steps=[NATURAL], then="natural")), press, press, press
    ),
    "the pool runs empty and the rest stay open": lambda: after(
        simple(entries=entries(3), prizes=[prize("one", 5, 0, 5)]), press
    ).again(entries=entries(6), then=press),
    "a prize that nobody can win any more is passed over": lambda: after(
        simple(entries=entries(3), prizes=[prize("one", 5, 0, 2, ("y",)), prize("two", 2)]), press, press
    ),
}
BROKEN |= {
    "a spin's number skipped": (lambda: opened(simple(), spin=2), "next spin is 1"),
    "a spin's number repeated": (lambda: opened(after(simple(), press), spin=1), "next spin is 2"),
    "a spin of another generation": (lambda: opened(simple(), generation=2), "generation"),
    "a spin with another P": (lambda: opened(simple(), entropy="ab" * 32), "texts"),
    "a spin of another event": (opened_for_the_left_event, "not the event"),
    "a spin after close": (opened_after_close, "closed"),
    "a spin while one is open": (opened_twice, "a spin is open"),
    "a spin after void": (lambda: after(voided(), press), "until the next adopt"),
    "a spin after the last step": (lambda: after(simple(**STOPPED), press, press), "nothing opens"),
    "another prize than the next listed": (lambda: opened(two_prizes(), "two"), "goes to prize 'one'"),
    "a prize that is not on the list": (lambda: opened(simple(), prize="one"), "no such prize"),
    "no prize where there are prizes": (lambda: opened(two_prizes(), prize=""), "no such prize"),
    "places in another order": (lambda: opened(two_prizes(), place_list=[2, 1]), "open places"),
    "fewer places than a press fills": (lambda: opened(two_prizes(), place_list=[1]), "open places"),
    "more places than a press fills": (lambda: opened(two_prizes(), place_list=[1, 2, 3]), "open places"),
    "a reserve's place before the winners'": (reserve_while_a_place_is_open, "open places"),
    "a place that is not open": (lambda: opened(after(two_prizes(), press), place_list=[1]), "open places"),
    "another place without prizes": (lambda: opened(simple(), place_list=[2]), "open places"),
    "natural where fixed was planned": (lambda: opened(simple(**MIXED), mode="natural"), "step and mode"),
    "fixed where natural was planned": (lambda: opened(simple(), mode="fixed"), "step and mode"),
    "another step": (lambda: opened(simple(**MIXED), step=2), "step and mode"),
    "another pool's weight": (lambda: opened(simple(), weight=1), "weight"),
    "another pool's hash": (lambda: opened(simple(), pool="ab" * 32), "another pool"),
}

# --- the pool ---


def again_with(act: Callable[[History], object], whom: Callable[[History], str], **first: Any) -> tuple[Story, Story]:
    """A history after `act`, and one whose next pool still holds whom `act` removed."""

    def story() -> History:
        return after(simple(**first), act)

    def keeps() -> History:
        return after(story(), press)

    def breaks() -> History:
        one = story()
        ticket = whom(one)
        left = {entry["ticket"] for entry in one.pool("" if not one.list["prizes"] else one.list["prizes"][-1]["id"])}
        assert ticket not in left
        pool = [entry for entry in one.list["entries"] if entry["ticket"] in left | {ticket}]
        return opened(one, pool_entries=pool)

    return keeps, breaks


def first_winner(story: History) -> str:
    return story.won[0][2]


def other_at_home(story: History) -> str:
    home = next(one["household"] for one in story.list["entries"] if one["ticket"] == first_winner(story))
    at_home = [one["ticket"] for one in story.list["entries"] if one["household"] == home]
    return next(str(ticket) for ticket in at_home if ticket != first_winner(story))


def win_and_free(story: History) -> None:
    name, place = (story.list["prizes"] or [{"id": ""}])[0]["id"], 1
    story.press()
    story.claim(name, place, "absent")


PAIRS = entries(20, tuple((n, n + 10) for n in range(1, 11)))
ONE_AND_TWO = [prize("one"), prize("two", 3)]
POOLS = {
    "a withdrawn ticket": again_with(lambda s: s.withdraw("E0003"), lambda s: "E0003"),
    "a ticket of another group": again_with(lambda s: None, lambda s: "E0002", prizes=[prize("one", 3, groups=("x",))]),
    "a winner under win_once event": again_with(press, first_winner, prizes=ONE_AND_TWO),
    "a winner without prizes under win_once prize": again_with(press, first_winner, rules=rules(win_once="prize")),
    "a winner of the same prize under win_once prize": again_with(
        press, first_winner, prizes=[prize("one", 3)], rules=rules(win_once="prize")
    ),
    "the household of a winner": again_with(
        press, other_at_home, entries=PAIRS, prizes=ONE_AND_TWO, rules=rules(household_once=True)
    ),
    "who freed a place, under win_once never": again_with(
        win_and_free, first_winner, prizes=[prize("one", 3)], rules=rules(win_once="never")
    ),
    "who freed a place without prizes, under win_once never": again_with(
        win_and_free, first_winner, rules=rules(win_once="never")
    ),
}


def dropped(**first: Any) -> History:
    """The pool lacks somebody who may still win."""
    story = after(simple(**first), press)
    pool = story.pool((story.list["prizes"] or [{"id": ""}])[-1]["id"])
    return opened(story, pool_entries=pool[1:])


HONEST |= {f"the pool leaves out {what}": keeps for what, (keeps, _) in POOLS.items()}
BROKEN |= {f"the pool holds {what}": (breaks, "another pool") for what, (_, breaks) in POOLS.items()}
BROKEN |= {
    "the pool leaves out somebody who may win": (dropped, "another pool"),
    "the pool leaves out a winner under win_once never": (
        lambda: opened(
            after(story := simple(rules=rules(win_once="never")), press),
            pool_entries=[one for one in entries() if one["ticket"] != first_winner(story)],
        ),
        "another pool",
    ),
    "the pool in another order": (lambda: opened(simple(), pool_entries=entries()[::-1]), "another pool"),
    "a spin of a pool that is empty": (
        lambda: opened(after(simple(entries=entries(1)), press), "", pool_entries=entries(1)),
        "no prize has an open place",
    ),
}
HONEST |= {
    "a winner may win again under win_once never": lambda: after(simple(rules=rules(win_once="never")), *[press] * 9),
    "a winner may win another prize under win_once prize": lambda: after(
        simple(entries=entries(2), prizes=[prize("one"), prize("two", 2)], rules=rules(win_once="prize")), *[press] * 3
    ),
    "households may win twice without the rule": lambda: after(simple(entries=PAIRS), *[press] * 20),
    "one of each household in one press": lambda: after(
        simple(entries=PAIRS, prizes=[prize("one", 20, 0, 20)], rules=rules(household_once=True, win_once="never")),
        press,
    ),
    "households as on the list now": lambda: after(
        simple(entries=PAIRS, rules=rules(household_once=True)), press
    ).again(entries=entries(), then=press),
}

# --- result, shown, void ---


def resulting(story: History | None = None, **changed: Any) -> History:
    story = story or simple()
    story.open()
    told = {name: value(story) if callable(value) else value for name, value in changed.items()}
    story.result(**told)
    story.shown()
    return story


def other_winner(story: History) -> list[str]:
    return [next(one["ticket"] for one in story.spin["pool_entries"] if [one["ticket"]] != story.drawn())]


def mid_spin(*acts: Callable[[History], object]) -> History:
    story = simple()
    story.open()
    return after(story, *acts)


PREDETERMINED = {"spins": spins("fixed", "E0005", "a notary's draw"), "rules": rules(predetermined=True)}


def fallen_back() -> History:
    return simple(prizes=[prize("one", 3, 0, 3)], **PREDETERMINED)


BROKEN |= {
    "a reveal that is not of the chain": (lambda: resulting(reveal="ab" * 32), "next secret"),
    "a reveal that skips a secret": (lambda: resulting(reveal=lambda s: s.chain[-3].hex()), "next secret"),
    "a reveal used before": (
        lambda: resulting(after(simple(), press), reveal=lambda s: s.chain[-2].hex()),
        "next secret",
    ),
    "another winner": (lambda: resulting(winners=other_winner), "the winners are"),
    "winners in another order": (lambda: resulting(two_prizes(), winners=lambda s: s.drawn()[::-1]), "the winners are"),
    "a winner too few": (lambda: resulting(two_prizes(), winners=lambda s: s.drawn()[:1]), "the winners are"),
    "a winner too many": (lambda: resulting(winners=lambda s: s.drawn() + other_winner(s)), "the winners are"),
    "a natural winner where a ticket was fixed": (
        lambda: resulting(simple(**PREDETERMINED), winners=other_winner),
        "the winners",
    ),
    "a fixed spin told as natural": (
        lambda: resulting(simple(**PREDETERMINED), mode="natural", reason=""),
        "fixed spin",
    ),
    "a fixed spin without its reason": (lambda: resulting(simple(**PREDETERMINED), reason=""), "fixed spin"),
    "a natural spin told as fixed": (lambda: resulting(mode="fixed"), "natural spin"),
    "a natural spin with a reason": (lambda: resulting(reason="why not"), "natural spin"),
    "a fallback where there was none": (lambda: resulting(fallback="not in the pool"), "natural spin"),
    "a fallback that is not told": (
        lambda: resulting(after(simple(**PREDETERMINED), press), fallback=""),
        "natural spin",
    ),
    "a fallback that fills several places": (
        lambda: opened(after(fallen_back(), press), place_list=[2, 3]),
        "open places",
    ),
    "a stage-managed near miss": (lambda: resulting(rest=lambda s: s.landing(s.drawn()[0])[0] + 1), "landing"),
    "a turn too many": (lambda: resulting(turns=lambda s: s.landing(s.drawn()[0])[1] + 1), "landing"),
    "a result of another spin": (lambda: resulting(spin=2), "spin 1 is open"),
    "a second result": (lambda: mid_spin(History.result, History.result), "second result"),
    "a result without a spin": (lambda: after(simple(), press, History.result), "no spin is open"),
    "shown without a result": (lambda: mid_spin(History.shown), "result precedes"),
    "shown twice": (lambda: after(simple(), press, History.shown), "no spin is open"),
    "shown of another spin": (lambda: mid_spin(History.result, lambda s: s.shown(spin=2)), "spin 1 is open"),
    "void after a result": (lambda: mid_spin(History.result, History.void), "only without a result"),
    "void without a spin": (lambda: after(simple(), press, History.void), "no spin is open"),
    "void of another spin": (lambda: mid_spin(lambda s: s.void(spin=2)), "spin 1 is open"),
}
HONEST |= {
    "a predetermined winner": lambda: after(simple(**PREDETERMINED), press),
    "a predetermined winner who has won": lambda: after(simple(**PREDETERMINED), press, press),
    "a predetermined spin fills one place, even on fallback": lambda: after(fallen_back(), press, press, press),
}

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
    "a claim without prizes freed twice": (lambda: claimed_without_prizes("absent", "declined"), "does not become"),
}

# --- withdraw, close, restored, rehearsal ---


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
        lambda: after(simple(), lambda s: s.withdraw("E0001", message={"reason": ""})),
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
    "a kiosk restored from an unknown head": (lambda: restored(head="ab" * 32), "head is not that"),
    "a rehearsal of another event": (
        lambda: after(simple(), lambda s: s.record("rehearsal", event=LATER_EVENT)),
        "not the event",
    ),
    "a spin before any list": (
        lambda: after(History(), lambda s: s.record("shown", spin=1, duration_ms=0, frames=0)),
        "no spin is open",
    ),
    "a rehearsal before any list": (lambda: after(History(), lambda s: s.record("rehearsal", event=EVENT)), "no list"),
}


@pytest.mark.parametrize("claim", HONEST)
def test_a_history_that_keeps_every_rule_is_signed(claim: str, tmp_path: Path) -> None:
    story = HONEST[claim]()
    if not isinstance(story, History):
        pytest.fail(f"{claim} is not a history")
    judged = judge(story, tmp_path)
    assert (judged.word, judged.why) == ("SIGNED", "")
    assert judged["signed up to"] == len(story.lines)


@pytest.mark.parametrize("claim", BROKEN)
def test_a_history_that_breaks_a_rule_is_broken(claim: str, tmp_path: Path) -> None:
    build, why = BROKEN[claim]
    story = build()
    assert isinstance(story, History)
    story.checkpoint()
    judged = judge(story, tmp_path)
    assert (judged.word, judged.status) == ("BROKEN", 1)
    assert why in judged.why
