"""The architecture as a table: who may import whom, and what the pure parts must not know."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FILES = (
    "kiosk.intake.snapshot_files",
    "kiosk.intake.request_files",
    "kiosk.intake.verdict_cache",
    "kiosk.intake.watcher",
)
"""Reading published files; the rest of `kiosk.intake` prepares them for the screen."""

LAYERS: tuple[tuple[str, ...], ...] = (
    ("kiosk.core",),
    ("kiosk.wheel",),
    ("kiosk.spin_motion", "kiosk.pace"),
    ("kiosk.draw",),
    ("kiosk.snapshot",),
    FILES,
    ("kiosk.ledger",),
    ("kiosk.machine",),
    ("kiosk.session",),
    ("kiosk.screen",),
    ("kiosk.config",),
    ("kiosk.fetcher",),
    ("kiosk.intake.loader", "kiosk.intake.request_queue", "kiosk.intake.refused_files", "kiosk.intake.prize_pictures"),
    ("kiosk.intake.arrivals", "kiosk.intake.repainter"),
    ("kiosk.stage",),
    ("kiosk.staged_wheel",),
    ("kiosk.devices",),
    ("kiosk.supervise",),
    ("kiosk.presenter",),
    ("kiosk.controller",),
    ("kiosk.operator_keys",),
    ("kiosk.auto_spins",),
    ("kiosk.loop",),
    ("kiosk.assembly",),
    ("kiosk.commands",),
    ("kiosk.__main__",),
)
"""The rooms of docs/architecture.md, foundation first: imports point up this table, or stay within a part."""

SCREEN_LAYERS: tuple[tuple[str, ...], ...] = (
    ("options", "themes"),
    ("scene", "layouts", "typography", "regions"),
    ("backends",),
    ("effects",),
    ("panels",),
    ("wheel_picture", "strip"),
    ("boards", "backings"),
    ("view",),
    ("screenshots",),
)
"""The rooms of `kiosk.screen`: imports point up this table, or stay within a room."""

SCREEN_MAY_KNOW = (
    *("kiosk.core.errors", "kiosk.core.regular_files", "kiosk.core.toml_files"),
    *("kiosk.wheel", "kiosk.screen"),
)

PURE = (
    "kiosk.wheel",
    "kiosk.draw",
    "kiosk.core.canonical",
    "kiosk.core.keys",
    "kiosk.machine",
    "kiosk.snapshot",
    "kiosk.ledger.record",
    "kiosk.ledger.event",
    "kiosk.ledger.history",
    "kiosk.ledger.permitted",
    "kiosk.ledger.reader",
    "kiosk.ledger.decide",
    "kiosk.session.draw_decision",
    "kiosk.session.standings",
)
"""What must stay pure; whatever these import of ours is pure too."""
FORBIDDEN_TO_THE_PURE = frozenset(
    {"pygame", "os", "io", "pathlib", "threading", "time", "random", "secrets", "socket", "subprocess"}
    | {"tempfile", "shutil", "asyncio", "multiprocessing", "concurrent", "watchdog"}
)
THE_ADMINS = ("openpyxl", "typer", "rich", "filelock", "cryptography", "wheel_admin")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "kiosk").rglob("*.py"))}


def within(module: str, part: str) -> bool:
    return module == part or module.startswith(f"{part}.")


def imports_of(path: Path) -> Iterator[str]:
    """Yield every module that the file names in an import, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            assert node.module is not None
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else node.module for name in names)


def layer_of(module: str) -> int:
    found = [number for number, parts in enumerate(LAYERS) if any(within(module, part) for part in parts)]
    assert len(found) == 1, f"{module} has no place in the table"
    return found[0]


def ours(path: Path) -> set[str]:
    return {name for name in imports_of(path) if within(name, "kiosk")}


def pure_modules() -> set[str]:
    """Return the modules that must be pure, with all that they import of ours."""
    found = {module for module in MODULES if any(within(module, part) for part in PURE)}
    while True:
        more = found.union(*(ours(MODULES[module]) for module in found))
        if more == found:
            return found
        found = more


every_module = pytest.mark.parametrize("module", [name for name in MODULES if name not in {"kiosk", "kiosk.intake"}])


@pytest.mark.slow
@every_module
def test_imports_point_up_the_table_only(module: str) -> None:
    own = layer_of(module)
    for name in ours(MODULES[module]) - {"kiosk"}:
        same_part = LAYERS[own] == FILES == LAYERS[layer_of(name)] or any(
            within(module, part) and within(name, part) for part in LAYERS[own]
        )
        ground = own == 0 and layer_of(name) == 0
        assert layer_of(name) < own or same_part or ground, f"{module} imports {name}"


@pytest.mark.slow
@every_module
def test_the_kiosk_imports_none_of_the_admins(module: str) -> None:
    for name in imports_of(MODULES[module]):
        assert not any(within(name, theirs) for theirs in THE_ADMINS), f"{module} imports {name}"


@pytest.mark.parametrize("module", [name for name in MODULES if within(name, "kiosk.screen")])
def test_the_screen_knows_errors_files_the_wheel_and_itself(module: str) -> None:
    for name in ours(MODULES[module]):
        assert any(within(name, part) for part in SCREEN_MAY_KNOW), f"{module} imports {name}"


FETCHER = "kiosk.fetcher"
FETCHER_PURE = ("kiosk.fetcher.pacing", "kiosk.fetcher.plan", "kiosk.fetcher.index_file", "kiosk.fetcher.refused_files")
NETWORK = ("fsspec", "aiohttp", "paramiko", "s3fs", "http", "ssl", "asyncio", "urllib.request")


@pytest.mark.slow
@every_module
def test_nothing_in_the_kiosk_imports_the_fetcher_or_a_network_library(module: str) -> None:
    if within(module, FETCHER):
        return
    for name in imports_of(MODULES[module]):
        assert not any(within(name, theirs) for theirs in (FETCHER, *NETWORK)), f"{module} imports {name}"


@pytest.mark.parametrize("module", [name for name in MODULES if within(name, FETCHER)])
def test_the_fetcher_imports_no_screen(module: str) -> None:
    for name in imports_of(MODULES[module]):
        assert not within(name, "pygame"), f"{module} imports {name}"


@pytest.mark.parametrize("module", FETCHER_PURE)
def test_pace_and_plan_of_the_fetcher_reach_for_nothing(module: str) -> None:
    for name in imports_of(MODULES[module]):
        assert name.split(".")[0] not in {*FORBIDDEN_TO_THE_PURE, *NETWORK}, f"{module} imports {name}"


@pytest.mark.slow
def test_the_running_fetcher_loads_no_pygame_and_a_back_end_only_when_it_is_used() -> None:
    loaded = run_python(
        "import sys\nimport kiosk.fetcher.__main__\n"
        "print([name for name in ('pygame', 'aiohttp', 'paramiko', 's3fs', 'openpyxl') if name in sys.modules])"
    )

    assert loaded.strip() == "[]"


def screen_layer(module: str) -> tuple[int, str]:
    room = module.removeprefix("kiosk.screen.").split(".")[0]
    found = [number for number, rooms in enumerate(SCREEN_LAYERS) if room in rooms]
    assert len(found) == 1, f"{module} has no place in the table"
    return found[0], room


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("kiosk.screen.")])
def test_imports_within_the_screen_point_up_its_table(module: str) -> None:
    own, room = screen_layer(module)
    for name in ours(MODULES[module]):
        if name.startswith("kiosk.screen."):
            layer, other = screen_layer(name)
            assert layer < own or other == room, f"{module} imports {name}"


@pytest.mark.slow
def test_one_file_knows_the_experimental_renderer() -> None:
    knowing = {module for module, path in MODULES.items() if any("_sdl2" in name for name in imports_of(path))}

    assert knowing == {"kiosk.screen.backends.gpu"}


@pytest.mark.slow
@pytest.mark.parametrize("module", sorted(pure_modules()))
def test_a_pure_module_imports_no_files_threads_clock_or_chance(module: str) -> None:
    for name in imports_of(MODULES[module]):
        assert name.split(".")[0] not in FORBIDDEN_TO_THE_PURE, f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(pure_modules()))
def test_a_pure_module_opens_no_file(module: str) -> None:
    called = {
        node.func.id
        for node in ast.walk(ast.parse(MODULES[module].read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert not called & {"open", "print", "input", "exec", "eval", "__import__"}


@pytest.mark.slow
def test_what_the_design_calls_pure_is_in_the_scan() -> None:
    assert set(PURE) <= pure_modules()
    assert len(pure_modules()) >= 14


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_pure_parts_can_be_imported_where_there_is_no_pygame() -> None:
    modules = sorted(pure_modules())

    run_python(f"import sys\nsys.modules['pygame'] = None\nfor name in {modules}: __import__(name)")


def test_blocking_pygame_does_stop_an_import_of_it() -> None:
    with pytest.raises(AssertionError, match="pygame"):
        run_python("import sys\nsys.modules['pygame'] = None\nimport kiosk.screen.layouts.layout")


@pytest.mark.slow
def test_the_whole_kiosk_loads_nothing_of_the_admins() -> None:
    loaded = run_python(
        "import sys\nimport kiosk.commands.run, kiosk.__main__\n"
        "print('\\n'.join(name for name in sys.modules if name.split('.')[0] in "
        f"{THE_ADMINS}))\nprint('kiosk.session.draw_session' in sys.modules)"
    )

    assert loaded.split() == ["True"]


@pytest.mark.slow
def test_asking_for_help_loads_no_pygame_and_no_parser_of_emails() -> None:
    """`--help` and a wrong option answer at once."""
    loaded = run_python("import sys\nimport kiosk.__main__\nprint({'pygame', 'email'} & set(sys.modules))")

    assert loaded.strip() == "set()"


@pytest.mark.slow
def test_nothing_in_the_kiosk_is_imported_in_a_circle() -> None:
    """Each module can be the first one to be imported."""
    graph = {module: ours(path) & set(MODULES) - {"kiosk", module} for module, path in MODULES.items()}
    done: set[str] = set()
    while True:
        ready = {module for module, needed in graph.items() if module not in done and needed <= done}
        if not ready:
            break
        done |= ready

    assert set(graph) - done == set()
