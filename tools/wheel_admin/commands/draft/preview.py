"""`wheel-admin preview -o FILE.png`: what the kiosk would draw of the draft, as a picture.

Invariant: the kiosk's own view draws it, off screen, so that the picture and the stage cannot disagree. Nothing is
published, and a sample winner is called one. pygame is imported by this command alone, and only when it draws.
"""

import io
import os
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from msgspec.structs import replace

from kiosk.config.language_choice import load_language
from kiosk.config.look import OUR_THEMES, theme_path
from kiosk.config.settings import Settings, load_settings, read_settings
from kiosk.core.clock import SystemClock
from kiosk.core.durable import SHARED, write_atomic
from kiosk.core.errors import HomeError, RefusedError, UsageError
from kiosk.core.home import Home
from kiosk.draw.pool import Pool
from kiosk.screen.options import SMALLEST
from kiosk.screen.scene import Face, Outcome, Phase, Scene
from kiosk.screen.themes.texts import Texts, for_touch
from kiosk.screen.themes.theme import Theme
from kiosk.screen.themes.theme_file import load_theme
from kiosk.snapshot.model import DEMO_GENERATION, Listed
from kiosk.wheel.angle import normalize
from kiosk.wheel.spin import TICKS_PER_SECOND, SpinPlan
from wheel_admin.cli.options import (
    DEFAULT_HOME,
    HomeOption,
    JsonOption,
    absolute,
    counted,
    examples,
    home_at,
    reply,
    say,
)
from wheel_admin.draft import Draft, load_draft
from wheel_admin.publishing.publication import Shelf, names_of, refuse_broken, snapshot_of

EPILOG = examples(
    "wheel-admin preview -o idle.png",
    "wheel-admin preview --theme day --size 1080x1920 --state settled -o winner.png",
    "wheel-admin preview --theme ~/summer.toml --state spinning -o summer.png",
)
LARGEST = (7680, 4320)
"""Largest picture in pixels, lying or upright: an 8K panel."""
SAMPLE_WINNER = "Preview: a sample winner. Nothing was drawn."
SPINNING_TICK = 104 * TICKS_PER_SECOND // 10
"""The moment of a spin that `spinning` shows: 0.6 s before rest, when the names of the longest list can be read."""
_TURNS = 6


class Shown(StrEnum):
    """What the picture shows."""

    IDLE = "idle"
    SPINNING = "spinning"
    SETTLED = "settled"


class Answer(msgspec.Struct, frozen=True):
    """The picture that was made; sizes in pixels."""

    file: str
    width: int
    height: int
    state: Shown
    theme: str
    title: str
    entries: int


def preview(
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.png", show_default=False, help="Where to write the picture.")
    ],
    theme: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE", help="night, day, or a theme file. Default: what the kiosk's kiosk.toml says."
        ),
    ] = "",
    size: Annotated[str, typer.Option(metavar="WxH", help="Size of the screen in pixels.")] = "1920x1080",
    state: Annotated[Shown, typer.Option(help="What to show.")] = Shown.IDLE,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """Draw what the kiosk would show if the draft were published now.

    `settled` shows the first entry as a sample winner. The picture stands upright even if kiosk.toml turns the screen.
    Names are drawn with the fonts of this computer; the kiosk has its own.
    """
    width, height = _size(size)
    if output.suffix.lower() != ".png":
        raise UsageError(f"{output} is not the name of a PNG file.", remedy="Write it like -o preview.png.")
    place = home_at(home)
    draft = load_draft(place)
    if not draft.entries:
        raise RefusedError("The draft is empty, so there is nothing to draw.", remedy="wheel-admin import FILE first.")
    shelf = Shelf(newest=None, refusals=(), next_generation=DEMO_GENERATION, previous="", keys={})
    snapshot = snapshot_of(draft, shelf, SystemClock().utc_now())
    refuse_broken(snapshot, names_of(draft))
    name, look, settings = _looks(theme, place)
    picture = _drawn(draft, Listed(snapshot, "", names_of(draft)), look, settings, size=(width, height), state=state)
    try:
        write_atomic(absolute(output), picture, mode=SHARED)
    except HomeError as error:
        raise UsageError(error.message, remedy="Choose another path for -o.") from error
    answer = Answer(
        file=str(output),
        width=width,
        height=height,
        state=state,
        theme=name,
        title=draft.title,
        entries=len(draft.entries),
    )
    if as_json:
        reply(answer)
    else:
        held = counted(answer.entries, "entry", "entries")
        say(f"Drew {answer.title}, {held}, {state.value}, {width}x{height}: {output}")


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text)
    if not match:
        raise UsageError(f"--size {text} is not WIDTHxHEIGHT.", remedy="Write it like --size 1920x1080.")
    size = (int(match.group(1)), int(match.group(2)))
    if max(size) < SMALLEST[0] or min(size) < SMALLEST[1] or max(size) > LARGEST[0] or min(size) > LARGEST[1]:
        raise UsageError(
            f"--size {text} is not the size of a screen that the kiosk knows.",
            remedy=f"Choose one from {SMALLEST[0]}x{SMALLEST[1]} to {LARGEST[0]}x{LARGEST[1]}, or upright.",
        )
    return size


def _looks(asked: str, home: Home) -> tuple[str, Theme, Settings]:
    """Return the theme's name, the theme as the kiosk finds it, and what kiosk.toml says; a bad theme is an error.

    Raises:
        UsageError: the theme file cannot be used; without `asked`, kiosk.toml cannot.
    """
    settings = read_settings(home.settings).settings if asked else load_settings(home.settings)
    name, language = asked or settings.theme, load_language(settings.language)
    directory = Path.cwd() if asked else home.kiosk
    links = bool(asked) or name in OUR_THEMES
    return name, load_theme(theme_path(name, directory), links=links, language=language), settings


def scene_of(draft: Draft, face: Face, texts: Texts, state: Shown) -> Scene:
    """Return the scene of a draft: what the kiosk's loop would compose of it in that state."""
    lo, hi = face.segments.bounds(0)
    plan = SpinPlan(start=(lo + hi) // 2, rest=(lo + hi) // 2, turns=_TURNS, segments=face.segments.count)
    count = len(face.tickets)
    scene = Scene(
        face=face,
        angle=plan.rest,
        title=draft.title,
        status=(texts.people.format(count), "Preview of the draft"),
    )
    match state:
        case Shown.IDLE:
            return replace(scene, prompt=texts.press)
        case Shown.SPINNING:
            before, after = (plan.angle_at(SPINNING_TICK + more) for more in (0, 1))
            return replace(
                scene, phase=Phase.TURNING, angle=normalize(before), speed=float((after - before) * TICKS_PER_SECOND)
            )
        case Shown.SETTLED:
            winner = Outcome(face.names[0], texts.ticket.format(ticket=face.tickets[0]), SAMPLE_WINNER)
            return replace(scene, phase=Phase.RESULT, outcome=winner, prompt=texts.press)


def _drawn(
    draft: Draft, listed: Listed, theme: Theme, settings: Settings, *, size: tuple[int, int], state: Shown
) -> bytes:
    """Return the picture as a PNG file's bytes."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # Imported here: no other command needs pygame, and it takes longer than all of theirs together.
    import pygame  # noqa: PLC0415
    import pygame.freetype  # noqa: PLC0415

    from kiosk.screen.backends.opening import open_backend  # noqa: PLC0415
    from kiosk.screen.typography.fonts import fonts_with  # noqa: PLC0415
    from kiosk.screen.typography.typesetter import Typesetter  # noqa: PLC0415
    from kiosk.screen.view import View  # noqa: PLC0415

    pygame.font.init()
    pygame.freetype.init()
    backend = open_backend("software", size, vsync=False)
    try:
        pool = Pool((entry.ticket, entry.weight) for entry in draft.entries)
        face = Face(pool.segments, [listed.shown_name(ticket) for ticket in pool.tickets], pool.tickets)
        view = View(
            backend,
            theme,
            Typesetter(fonts_with(theme.font)),
            motion=settings.motion,
            margin=settings.margin,
            touch=settings.touch,
        )
        view.learn(face)
        texts = for_touch(theme.texts) if settings.touch else theme.texts
        scene = scene_of(draft, face, texts, state)
        view.show_wheel(face, view.paint_wheel(face, scene.angle), scene.angle)
        picture = view.capture(scene)
    except pygame.error as error:
        raise UsageError(f"The picture cannot be drawn: {error}.") from error
    finally:
        backend.close()
    if picture.get_size() != size:  # larger than the kiosk draws: it scales up, too
        picture = pygame.transform.scale(picture, size)
    file = io.BytesIO()
    pygame.image.save(picture, file, "preview.png")
    return file.getvalue()
