"""What the idle screen says about a prize: which it is, the place that is next, and who may win it.

Invariant: it reads and changes nothing. Without prizes there is no card.
"""

from kiosk.intake.prize_pictures import PrizePictures
from kiosk.ledger.event import Due
from kiosk.ledger.permitted import next_press
from kiosk.screen.scene import PrizeCard
from kiosk.screen.themes.texts import Texts
from kiosk.session.draw_session import Session
from kiosk.snapshot.model import Prize


def places_text(texts: Texts, prize: Prize, places: tuple[int, ...]) -> str:
    """Return what the screen says of places that one press fills: "Place 2 of 10", "Reserves 1 to 3 of 3"."""
    reserves = places[0] > prize.quantity
    before, total = (prize.quantity, prize.reserves) if reserves else (0, prize.quantity)
    first, last = places[0] - before, places[-1] - before
    if len(places) == 1:
        return (texts.reserve if reserves else texts.place).format(place=first, total=total)
    if len(places) <= last - first:
        return texts.several_places.format(len(places), total=total)
    return (texts.reserves if reserves else texts.places).format(first=first, last=last, total=total)


def drawn_text(texts: Texts, prize: Prize, places: tuple[int, ...]) -> str:
    """Return what the title says while a prize is drawn."""
    return f"{prize.title} · {places_text(texts, prize, places)}"


class PrizeCards:
    """Builds the card of the prize that the next press is for, or that the operator looks at.

    Args:
        session: has the list and what happened.
        texts: what the screen says.
        pictures: finds the prize's picture.
    """

    def __init__(self, session: Session, texts: Texts, pictures: PrizePictures) -> None:
        self._session = session
        self._texts = texts
        self._pictures = pictures

    def card(self, looked_at: str) -> PrizeCard | None:
        """Return the card; None without prizes.

        Args:
            looked_at: id of the prize that the operator looks at; "" for the one that the next press is for.
        """
        listed, texts = self._session.listed, self._texts
        if listed is None or not listed.snapshot.prizes:
            return None
        snapshot, event = listed.snapshot, self._session.history.event
        due = next_press(self._session.history, snapshot, chosen=self._session.chosen)
        next_id = due.prize if isinstance(due, Due) else snapshot.prizes[-1].id
        prize = snapshot.by_prize.get(looked_at) or snapshot.by_prize[next_id]
        lines = [texts.sponsor.format(sponsor=prize.sponsor)] if prize.sponsor else []
        note = ""
        if isinstance(due, Due) and prize.id == due.prize:
            lines.append(places_text(texts, prize, due.places))
        elif event is not None and (places := event.open_places(prize)):
            lines.append(places_text(texts, prize, places[: prize.per_press]))
        else:
            lines.append(texts.prize_drawn)
        if isinstance(due, Due) and prize.id != due.prize:
            note = texts.next_is.format(prize=snapshot.by_prize[due.prize].title)
        groups = ", ".join(prize.groups)
        lines.append(texts.for_groups.format(groups=groups) if groups else texts.for_everybody)
        return PrizeCard(
            heading=texts.prize.format(number=snapshot.prizes.index(prize) + 1, total=len(snapshot.prizes)),
            title=prize.title,
            lines=tuple(lines),
            note=note,
            picture=self._pictures.find(prize.picture),
        )
