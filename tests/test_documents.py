"""The documentation and the code agree: files, links, commands and modules that are named exist."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.core import errors
from wheel_admin.cli.app import build_app

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / ".github").rglob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "systemd" / "RUNBOOK.md",
)
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
HISTORY = ROOT / "CHANGELOG.md"
"""Names what existed when it was written."""
every_document = pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if path != HISTORY],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)


def text_files() -> Iterator[Path]:
    """Yield the text files that git tracks, or would: code, configuration and documents."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    endings = {".py", ".md", ".sh", ".toml", ".service", ".timer", ".conf", ".yml", ".yaml", ""}
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in endings and path.is_file() and path != HISTORY:
            yield path


def document_names(text: str) -> set[str]:
    """Return the Markdown files that a text names, without those in URLs."""
    return set(re.findall(r"(?<![\w/.:$-])((?:[\w-]+/)*[\w-]+\.md)\b", re.sub(r"https?://\S+", "", text)))


def exists_somewhere(name: str, beside: Path) -> bool:
    """Return whether `name` is a file from the root, beside the file that names it, or, bare, anywhere among ours."""
    return (
        (ROOT / name).is_file()
        or (beside / name).is_file()
        or ("/" not in name and any(document.name == name for document in DOCUMENTS))
    )


@pytest.mark.slow
def test_every_document_that_a_file_names_exists() -> None:
    named = {path: document_names(path.read_text("utf-8", errors="replace")) for path in text_files()}
    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, names in named.items()
        for name in names
        if not exists_somewhere(name, path.parent)
    } - {f"tests/test_documents.py: {name}" for name in ("NO_SUCH.md", "docs/NO_SUCH.md")}

    assert "docs/protocol.md" in set().union(*named.values())
    assert missing == set()


@pytest.mark.parametrize("name", ["NO_SUCH.md", "docs/NO_SUCH.md"])
def test_the_search_sees_a_document_that_does_not_exist(name: str) -> None:
    assert document_names(f'"""As {name} says."""') == {name}
    assert not exists_somewhere(name, ROOT)


@every_document
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target = link.partition("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), link


@every_document
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = re.findall(r"`((?:kiosk|tools|tests|docs|assets|systemd)/[\w./-]+)`", document.read_text("utf-8"))
    in_the_home = re.compile(
        r"kiosk/(kiosk\.toml|kiosk-key.*|ledger.*|checkpoints.*|adopted/?|secrets(-2)?/?|trusted/?|themes/?)"
    )

    for name in named:
        assert in_the_home.fullmatch(name) or (ROOT / name).exists(), name


@every_document
def test_every_admin_command_that_a_document_names_exists(document: Path) -> None:
    named = set(
        re.findall(
            r"`(?:sudo )?wheel-admin ([a-z]+)|^ +wheel-admin ([a-z]+)", document.read_text("utf-8"), re.MULTILINE
        )
    )

    assert {one or other for one, other in named} <= set(build_app().commands)


@every_document
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert set(re.findall(r"`make ([a-z-]+)`|^ +make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }


@every_document
def test_every_module_that_a_document_runs_exists(document: Path) -> None:
    for name in re.findall(r"python3? -m ([\w.]+)", document.read_text("utf-8")):
        assert importlib.util.find_spec(name) is not None, name


def test_the_worked_example_fits_the_code_and_is_still_to_be_done() -> None:
    example = CONTRIBUTING.read_text("utf-8").partition("## A worked example")[2]
    changed = set(re.findall(r"`((?:kiosk|tests)/[\w/]+\.py)`", example))
    code = "".join((ROOT / name).read_text("utf-8") for name in changed)
    shown = "".join(re.findall(r"```python\n(.*?)```", example, re.DOTALL))
    new = {name for name in re.findall(r"\w+", shown) if not re.search(rf"\b{name}\b", code)}

    assert len(changed) >= 5
    assert new == {"FIRST", "K_HOME", "test_the_home_key_turns_back_to_the_first_page_of_winners"}


def test_the_exit_codes_are_the_same_in_the_code_and_in_the_documentation() -> None:
    in_code = re.findall(r"^(\d+) {2,}(.+)$", errors.__doc__ or "", re.MULTILINE)
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    documented = re.findall(r"^\| (\d+) \| (.+) \|$", page[page.index("## Exit codes") :], re.MULTILINE)

    assert len(in_code) == 12
    assert documented == in_code
