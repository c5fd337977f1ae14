"""`kiosk.toml`: how this kiosk is configured, as opposed to how one run is started.

Invariant: every key has a default, a missing file is fine, and an error names the key, its line and the nearest valid
value. The keys are the fields of `Settings`, whose annotations hold meaning, unit and range. To add a key, add a field
there and run `wheel-kiosk config sample` to renew assets/kiosk.toml.

The environment overrides the file: `WHEEL_KIOSK_ROTATE=90` is `rotate = 90`.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, inspect

from kiosk.config.report_files import REPORT_KEYS, problem_with_report_file
from kiosk.config.sources import ABOUT as ABOUT_SOURCES
from kiosk.config.sources import EXAMPLE, SourceSettings, problem_with_sources
from kiosk.core.errors import UsageError
from kiosk.core.home import Home
from kiosk.core.toml_files import closest, read_toml, shown_key
from kiosk.screen.options import Choice, Motion, Rotation

MOST_UNKNOWN = 10
"""Unknown keys that are named; the others are counted."""
ENVIRONMENT_PREFIX = "WHEEL_KIOSK_"
_NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})
_SAID_FALSE = frozenset({"false", "off", "no", "0"})
_Pin = Annotated[int, Meta(ge=0, le=27)] | None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of `kiosk.toml`, in the order of the sample."""

    theme: Annotated[
        str,
        Meta(
            description='The theme: "night", "day", or a theme file of your own, relative to this file.\n'
            "Try it first: wheel-admin preview --theme my.toml -o preview.png"
        ),
    ] = "night"
    language: Annotated[
        str,
        Meta(
            description="The language of the screen, such as de or fr. `wheel-kiosk config check` names those that\n"
            "exist if it is wrong; docs/translating.md says how to add one. A theme's own texts override it."
        ),
    ] = "en"
    rotate: Annotated[
        Rotation,
        Meta(description="For a display that is mounted on its side. Degrees clockwise: 0, 90, 180 or 270."),
    ] = 0
    sounds: Annotated[bool, Meta(description="Whether the kiosk plays sounds. A theme can turn them off too.")] = True
    caption: Annotated[
        bool,
        Meta(description="Whether the result says if it was drawn or predetermined. The ledger always does."),
    ] = True
    motion: Annotated[
        Motion,
        Meta(description='"reduced" keeps the camera, the bulbs and the reveal still and throws no confetti.'),
    ] = "full"
    touch: Annotated[
        bool,
        Meta(description="Whether the button on the screen spins when a finger or a click holds it for half a second."),
    ] = False
    margin: Annotated[
        Annotated[int, Meta(ge=0, le=10)],
        Meta(description="For a television that cuts off the edges. Percent of each side that stays free, 0 to 10."),
    ] = 0
    backend: Annotated[
        Choice,
        Meta(description='"auto" draws with the GPU if it passes a test; "gpu" and "software" force one.'),
    ] = "auto"
    fps: Annotated[
        Annotated[int, Meta(ge=1, le=240)],
        Meta(description="Frames per second while the wheel turns, 1 to 240. A slow machine shows fewer."),
    ] = 60
    button_pin: Annotated[
        _Pin,
        Meta(
            description="A push button between this GPIO pin and ground. BCM number, 0 to 27 (17: pin 11).",
            examples=[17],
        ),
    ] = None
    button_debounce_ms: Annotated[
        Annotated[int, Meta(ge=0, le=1000)],
        Meta(description="Debounce time of that button. Milliseconds, 0 to 1000."),
    ] = 50
    button_hold_ms: Annotated[
        Annotated[int, Meta(ge=0, le=10_000)],
        Meta(description="How long a press must last. Milliseconds, 0 to 10000; 0: a short press is enough."),
    ] = 0
    button_led_pin: Annotated[
        _Pin,
        Meta(
            description="An LED that is lit while a press would spin the wheel. BCM number, 0 to 27 (27: pin 13).",
            examples=[27],
        ),
    ] = None
    memory_soft_mb: Annotated[
        Annotated[int, Meta(ge=100, le=1_000_000)],
        Meta(
            description="Above this memory use it drops its caches. MB (proportional set size), 100 to 1000000.\n"
            "It needs about 70 when the CPU draws, more with a GPU."
        ),
    ] = 200
    memory_hard_mb: Annotated[
        Annotated[int, Meta(ge=100, le=1_000_000)],
        Meta(
            description="Above this memory use it exits in idle, with exit code 10, and its supervisor restarts it.\n"
            "MB, not below memory_soft_mb."
        ),
    ] = 400
    health_file: Annotated[
        str,
        Meta(
            description="The health report, JSON, written every 5 s. A name beside this file, or an absolute path\n"
            'outside the home; "" turns it off.'
        ),
    ] = "health.json"
    metrics_file: Annotated[
        str,
        Meta(
            description="The same report for Prometheus: a .prom file for node_exporter's textfile collector.\n"
            'A name or a path, as above; "" turns it off.'
        ),
    ] = ""
    stick: Annotated[
        bool,
        Meta(
            description="Whether lists are taken from a USB stick that is plugged in, and results written to its\n"
            "folder wheel-results, if it has one. Every list is verified with the trusted keys."
        ),
    ] = False
    source: Annotated[tuple[SourceSettings, ...], Meta(description=ABOUT_SOURCES, examples=[(EXAMPLE,)])] = ()


class Key(msgspec.Struct, frozen=True):
    """One key: its name, its type (`kind`), its default, its meaning, and an example value for the sample."""

    name: str
    kind: inspect.Type
    default: object
    about: str
    example: object

    @property
    def variable(self) -> str:
        """The environment variable that overrides it."""
        return ENVIRONMENT_PREFIX + self.name.upper()

    def expected(self) -> str:
        """Describe its valid values."""
        return _expected(self.kind)


def _bare(kind: inspect.Type) -> inspect.Type:
    """Return a type without its annotations and without None, which no value in a file can be."""
    if isinstance(kind, inspect.Metadata):
        return _bare(kind.type)
    if isinstance(kind, inspect.UnionType):
        return _bare(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
    return kind


def _keys() -> dict[str, Key]:
    hints = get_type_hints(Settings, include_extras=True)
    keys = {}
    for field in msgspec.structs.fields(Settings):
        meta = hints[field.name].__metadata__[-1]
        kind = _bare(inspect.type_info(field.type))
        example = meta.examples[0] if meta.examples else field.default
        keys[field.name] = Key(field.name, kind, field.default, meta.description, example)
    return keys


KEYS: Mapping[str, Key] = _keys()


class LoadedSettings(msgspec.Struct, frozen=True):
    """Settings as they were read.

    Attributes:
        settings: a key with a problem keeps its default.
        sources: for each key that is set, where its value comes from, in words.
        problems: what is wrong; each remedy suggests the nearest valid value.
    """

    settings: Settings
    sources: Mapping[str, str]
    problems: tuple[UsageError, ...]


def read_settings(path: Path, environment: Mapping[str, str] = _NO_ENVIRONMENT) -> LoadedSettings:
    """Read the settings; a missing file is fine, and a wrong key keeps its default and is a problem."""
    content, text, problems = _content_of(path)
    unknown = [name for name in content if name not in KEYS]
    given = [(name, value, _place(path, text, name)) for name, value in content.items() if name in KEYS]
    given += [(name, content[name], _place(path, text, name)) for name in unknown[:MOST_UNKNOWN]]
    if len(unknown) > MOST_UNKNOWN:
        problems.append(UsageError(f"{path} has {len(unknown) - MOST_UNKNOWN} more unknown keys."))
    for variable, value in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
            given.append((name, _from_text(KEYS.get(name), value), f"the environment's {variable}"))
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for name, value, place in given:
        problem = _problem(name, value, place) or _report_problem(name, value, place, path)
        if problem is not None:
            problems.append(problem)
        else:
            found[name], sources[name] = value, place
    if found.get("memory_hard_mb", Settings().memory_hard_mb) < found.get("memory_soft_mb", Settings().memory_soft_mb):
        problems.append(UsageError(f"{path}: memory_hard_mb is below memory_soft_mb.", remedy="Make it larger."))
        for name in ("memory_soft_mb", "memory_hard_mb"):
            found.pop(name, None)
            sources.pop(name, None)
    return LoadedSettings(msgspec.convert(found, Settings), sources, tuple(problems))


def load_settings(path: Path, environment: Mapping[str, str] = _NO_ENVIRONMENT) -> Settings:
    """Read the settings; the defaults if there is no such file.

    Raises:
        UsageError: the file cannot be read, is not TOML, or has an unknown key or a wrong value.
    """
    loaded = read_settings(path, environment)
    if loaded.problems:
        raise loaded.problems[0]
    return loaded.settings


def _content_of(path: Path) -> tuple[dict[str, Any], str, list[UsageError]]:
    try:
        return *read_toml(path), []
    except FileNotFoundError:
        return {}, "", []
    except OSError as error:
        return {}, "", [UsageError(f"{path} cannot be read: {error.strerror}.", remedy="Replace it by a text file.")]
    except ValueError as error:
        return {}, "", [UsageError(f"{path} is not TOML: {error}.")]


def _place(path: Path, text: str, name: str) -> str:
    """Return the line of `name`: the first that begins with it, as the TOML reader reports no lines."""
    begins = re.compile(rf"""\s*\[?\[?\s*["']?{re.escape(name)}["']?\s*[]=.]""")
    for number, line in enumerate(text.splitlines(), start=1):
        if begins.match(line):
            return f"{path}, line {number}"
    return str(path)


def _from_text(key: Key | None, text: str) -> object:
    """Return the value of a variable: its text where the key is a text, else what it means in TOML."""
    if key is None or _fits(key.kind, text):
        return text
    if not text:
        return key.default
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text


def _problem(name: str, value: object, place: str) -> UsageError | None:
    key = KEYS.get(name)
    if key is None:
        near = closest(name, KEYS)
        hint = f"Did you mean {near}?" if near else f"Known keys: {', '.join(KEYS)}."
        return UsageError(f"{place}: unknown key {shown_key(name)}.", remedy=hint)
    if isinstance(key.kind, inspect.VarTupleType):
        wrong = problem_with_sources(value)
        return UsageError(f"{place}: {name}: {wrong}.") if wrong else None
    if _fits(key.kind, value) or value is key.default:
        return None
    near = _nearest(key.kind, value)
    return UsageError(
        f"{place}: {name} is {_shown(value)}, not {_expected(key.kind)}.",
        remedy=f"Did you mean {near}?" if near else "",
    )


def _report_problem(name: str, value: object, place: str, path: Path) -> UsageError | None:
    if name not in REPORT_KEYS or not isinstance(value, str) or not value:
        return None
    why = problem_with_report_file(value, Home(path.parent.parent))
    remedy = "Name a file of its own, such as report.json, or an absolute path outside the home."
    return UsageError(f"{place}: {name} is {_shown(value)}, {why}.", remedy=remedy) if why else None


def _fits(kind: inspect.Type, value: object) -> bool:
    match kind:
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.LiteralType():
            return any(type(one) is type(value) and one == value for one in kind.values)
        case inspect.IntType():
            least, most = kind.ge, kind.le
            return type(value) is int and (least is None or value >= least) and (most is None or value <= most)
        case _:
            return isinstance(value, str)


def _nearest(kind: inspect.Type, value: object) -> str:
    """Return the value, as TOML, that was probably meant; empty if there is no good guess."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    match kind:
        case inspect.BoolType():
            said = str(value).lower()
            return "true" if said in {"true", "on", "yes", "1"} else "false" if said in _SAID_FALSE else ""
        case inspect.LiteralType():
            numbers = [one for one in kind.values if isinstance(one, int)]
            if numbers and math.isfinite(number):
                return str(min(numbers, key=lambda one: abs(one - number)))
            known = {str(one): _shown(one) for one in kind.values}
            return known.get(closest(str(value), known, cutoff=0.5), "")
        case inspect.IntType() if math.isfinite(number):
            return str(round(min(max(number, kind.ge or 0), kind.le or number)))
        case _:
            return ""


def _expected(kind: inspect.Type) -> str:
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return f"one of {', '.join(_shown(one) for one in kind.values)}"
        case inspect.IntType():
            return f"a whole number from {kind.ge} to {kind.le}"
        case _:
            return "a text in quotes"


def _shown(value: object) -> str:
    """Write a value as TOML does, shortened: it may be anything."""
    if isinstance(value, str):
        text = toml_text(value[:40])
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def toml_text(value: object) -> str:
    """Format a default or a value of a key as TOML; JSON strings are valid TOML strings."""
    return msgspec.json.encode(value).decode()


def toml_setting(name: str, value: object) -> str:
    """Format a key and its value as TOML: one line, or a table for each element of a tuple."""
    if not isinstance(value, tuple):
        return f"{name} = {toml_text(value)}"
    tables = [
        "\n".join(f"{key} = {toml_text(one)}" for key, one in msgspec.structs.asdict(table).items()) for table in value
    ]
    return "\n".join(f"[[{name}]]\n{table}" for table in tables) or f"{name} = []"
