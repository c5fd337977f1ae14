"""What the title of a list says: a draw or a party, a list, or whose people they are.

Invariant: pure. A title only makes somebody ask; a first line in other words is a person, who is shown.
"""

from wheel_admin.importing.columns.header_words import folded_words

_EVENTS_TEXT = """
raffle raffles tombola lottery lotteries sweepstake sweepstakes giveaway giveaways prize prizes party gala picnic
banquet fundraiser celebration anniversary verlosung gewinnspiel ziehung lotterie ausflug jubilaum fest loterie tirage
fete soiree kermesse sorteo sorteos rifa fiesta sorteio festa confraternizacao loteria lotteria estrazione loterij
loting verloting losowanie impreza festyn wigilia lotteri utlottning dragning lodtraekning utlodning julbord julebord
julefrokost arvonta arpajaiset juhlat pikkujoulut losovani slosovani vecirek zrebovani tombolka sorsolas nyeremenyjatek
cekilis cekilisi yilbasi partisi κληρωση λαχειοφοροσ γιορτη παρτι лотерея розыгрыш праздник корпоратив вечеринка
розіграш вечірка سحب السحب قرعة يانصيب حفل حفلة הגרלה מסיבה
"""
_EVENTS = frozenset(word for text in _EVENTS_TEXT.split() for word in folded_words(text))
"""What a title calls a draw, or the party that it is part of."""
_EVENT_ENDINGS = ("feier", "verlosung", "tombola", "lotterie", "loterij", "fest", "feest", "borrel", "ausflug")
_LISTS_TEXT = """
list lists liste lista lijst listan seznam zoznam popis список λιστα daftar winners gewinner colleagues coworkers
kollegen kolleginnen
"""
_LISTS = frozenset(_LISTS_TEXT.split())
"""What a title calls a list, or those on it who are nobody's name."""
_LIST_ENDINGS = ("liste", "lijst", "listan")
_OURS_TEXT = "our unsere nos mes nuestros nuestras nossos nossas onze наши мои bizim"
_OURS = frozenset(_OURS_TEXT.split())
"""How a title begins that says whose people they are: `Our guests`."""
_UNSPACED = (
    *("抽奖", "抽獎", "抽選", "年会", "年會", "新年会", "懇親会", "名单", "名單", "名簿", "一覧"),
    *("추첨", "송년회", "명단"),
)
"""The same in scripts that put no spaces between words."""


def says_event(text: str) -> bool:
    """Tell whether a text is a title with a word for a draw or a party: `Summer raffle`, `Weihnachtsfeier`."""
    return any(
        word in _EVENTS or word.endswith(_EVENT_ENDINGS) or any(part in word for part in _UNSPACED)
        for word in folded_words(text)
    )


def says_list(text: str) -> bool:
    """Tell whether a text is a title with a word for a list, or says whose people they are: `Our guests`."""
    words = folded_words(text)
    return (len(words) > 1 and words[0] in _OURS) or any(
        word in _LISTS or word.endswith(_LIST_ENDINGS) for word in words
    )
