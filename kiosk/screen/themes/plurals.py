"""Plural forms: which form of a text goes with a number.

Invariant: pure. The names of the forms are those of Unicode's CLDR (https://cldr.unicode.org, "Language Plural Rules"),
for whole numbers. A language file names its rule; another rule is one more line in `RULES`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec


def _slavic(few_but_one: Callable[[int], bool]) -> Callable[[int], str]:
    """Return a rule with a form for 2 to 4 in the last digit, but not for 12 to 14."""

    def form(count: int) -> str:
        if few_but_one(count):
            return "one"
        return "few" if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14} else "many"

    return form


def _arabic(count: int) -> str:
    if count < 3:
        return ("zero", "one", "two")[count]
    last = count % 100
    return "few" if 3 <= last <= 10 else "many" if last >= 11 else "other"


def _czech(count: int) -> str:
    return "one" if count == 1 else "few" if 2 <= count <= 4 else "other"


RULES: Mapping[str, tuple[tuple[str, ...], Callable[[int], str]]] = MappingProxyType(
    {
        "none": (("other",), lambda _: "other"),
        "one": (("one", "other"), lambda count: "one" if count == 1 else "other"),
        "zero-and-one": (("one", "other"), lambda count: "one" if count < 2 else "other"),
        "czech": (("one", "few", "other"), _czech),
        "polish": (("one", "few", "many"), _slavic(lambda count: count == 1)),
        "russian": (("one", "few", "many"), _slavic(lambda count: count % 10 == 1 and count % 100 != 11)),
        "arabic": (("zero", "one", "two", "few", "many", "other"), _arabic),
    }
)
"""For each rule, the forms that a text needs, and the form for a number."""


class Counted(msgspec.Struct, frozen=True):
    """A text that depends on a number.

    Attributes:
        rule: a key of `RULES`.
        forms: name and text of each form of the rule.
    """

    rule: str
    forms: tuple[tuple[str, str], ...]

    def format(self, number: int, **words: object) -> str:
        """Return the text for `number`, which fills in {count}, with the other words in braces filled in too."""
        return dict(self.forms)[RULES[self.rule][1](number)].format(count=number, **words)


def counted(rule: str = "one", **forms: str) -> Counted:
    """Return a text in the given forms."""
    return Counted(rule, tuple(forms.items()))
