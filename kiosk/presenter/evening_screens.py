"""What an evening of prizes adds to the screen: the prize, the boards of winners, the word REHEARSAL.

Invariant: without prizes and outside a rehearsal it adds nothing but what the operator asks for.
"""

import msgspec

from kiosk.presenter.boards import Boards
from kiosk.presenter.prize_cards import PrizeCards


class Evening(msgspec.Struct, frozen=True):
    """The parts of a scene that are about prizes.

    Attributes:
        cards: of the prize that is next or looked at.
        boards: of winners.
        rehearsal: what says that nothing counts; "" if it does.
    """

    cards: PrizeCards
    boards: Boards
    rehearsal: str = ""
