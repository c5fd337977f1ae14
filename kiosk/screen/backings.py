"""Keeps the backings of the regions as pictures: what does not move on the screen.

Invariant: a backing is painted when its key changes, and only then. A back end that retains its frame has a picture for
each region; on a GPU they are parts of one picture, because there the number of pictures costs more than their size.
"""

from collections.abc import Container, Hashable, Iterable

from kiosk.screen.backends.adapter import Backend, Part, Picture
from kiosk.screen.panels.ground import Ground
from kiosk.screen.regions import Region

_Place = tuple[str, tuple[int, int, int, int]]
"""A region's name, and its box."""


class Backings:
    """Draws backings.

    Args:
        backend: the screen.
        ground: of the whole screen.
    """

    def __init__(self, backend: Backend, ground: Ground) -> None:
        self._backend = backend
        self._ground = ground
        self._pictures: dict[tuple[str, Hashable], Picture] = {}
        self._backdrop: Picture | None = None
        self._on_backdrop: dict[_Place, Hashable] = {}

    def __len__(self) -> int:
        return len(self._pictures)

    def late(self, regions: dict[str, Region], changed: Iterable[str], drawn: Container[str]) -> list[str]:
        """Return the `changed` regions whose backing must be painted, but for the first ready one and new ones."""
        unpainted = [name for name in changed if name in drawn and not self._is_painted(name, regions[name])]
        first = next((name for name in unpainted if regions[name].ready()), None)
        return [name for name in unpainted if name != first]

    def draw(self, name: str, region: Region, drawn: Hashable = None) -> None:
        """Draw the backing of one region, painted if it has changed.

        Args:
            name: of the region.
            region: what is drawn.
            drawn: the region's key when it was drawn last, if that is still on the screen. If the same backing is
                there, only what is covered is drawn.
        """
        if region.backing is None:
            return
        key = (name, region.backing_key)
        picture = self._pictures.get(key)
        if picture is None:
            surface = self._ground.under(region.box)
            surface.blit(region.backing(), (0, 0))
            self._pictures = {old: kept for old, kept in self._pictures.items() if old[0] != name}
            picture = self._pictures[key] = self._backend.picture(surface, opaque=True)
        if region.covered is None or not isinstance(drawn, tuple) or drawn[0] != region.backing_key:
            self._backend.draw(picture, region.box.topleft)
            return
        boxes = [box.clip(region.box) for box in region.covered]
        self._backend.draw_parts(picture, [Part(box, box.move(-region.box.x, -region.box.y)) for box in boxes])

    def draw_all(self, regions: dict[str, Region], late: Iterable[str]) -> None:
        """Draw the ground and the backings of all regions as one picture, those that are `late` as they were."""
        kept = {name: region for name, region in regions.items() if region.backing is not None}
        places = {name: (name, (*region.box.topleft, *region.box.size)) for name, region in kept.items()}
        if self._backdrop is None or self._on_backdrop.keys() != set(places.values()):
            whole = self._ground.whole().copy()
            self._ground.release()
            for region in kept.values():
                if region.backing is not None:
                    whole.blit(region.backing(), region.box)
            self._backdrop = self._backend.picture(whole, opaque=True)
            self._on_backdrop = {places[name]: region.backing_key for name, region in kept.items()}
        for name, region in kept.items():
            if self._on_backdrop[places[name]] != region.backing_key and name not in late and region.backing:
                surface = self._ground.under(region.box)
                surface.blit(region.backing(), (0, 0))
                self._backend.amend(self._backdrop, surface, region.box.topleft)
                self._on_backdrop[places[name]] = region.backing_key
        self._ground.release()
        self._backend.draw(self._backdrop, (0, 0))

    def forget_but(self, names: Iterable[str]) -> None:
        """Free the pictures of all regions but those."""
        kept = set(names)
        self._pictures = {key: picture for key, picture in self._pictures.items() if key[0] in kept}

    def drop(self) -> None:
        """Free every picture."""
        self._pictures.clear()
        self._backdrop = None

    def _is_painted(self, name: str, region: Region) -> bool:
        if region.backing is None:
            return True
        if self._backend.retains:
            return (name, region.backing_key) in self._pictures
        place = (name, (*region.box.topleft, *region.box.size))
        return self._on_backdrop.get(place) == region.backing_key
