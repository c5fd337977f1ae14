"""Histories that keep or break a rule of spins: the press, the pool, the result."""

from collections.abc import Callable
from typing import Any

from tests.verify.acts import Story, after, mid_spin, opened, press, simple, two_prizes
from tests.verify.history import LATER_EVENT, History
from tests.verify.list_parts import NATURAL, entries, fixed, prize, rules, spins

HONEST: dict[str, Story] = {}
BROKEN: dict[str, tuple[Story, str]] = {}

# --- open ---


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
