"""Which files write and read the disk: every durable write and every careful read goes through one module."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

PATH_CHANGES = frozenset(
    {"write_bytes", "write_text", "touch", "mkdir", "rename", "unlink", "rmdir", "chmod", "symlink_to", "hardlink_to"}
)
"""Methods of a path that change a directory or a file."""
OS_CHANGES = frozenset(
    {"replace", "rename", "renames", "remove", "unlink", "mkdir", "makedirs", "rmdir", "removedirs", "link", "symlink"}
    | {"truncate", "ftruncate", "fsync", "fdatasync", "chmod", "fchmod", "write", "pwrite", "mkfifo"}
)
OTHERS = ("shutil.", "tempfile.", "pygame.image.save")
WRITES_ELSEWHERE = {
    "kiosk/commands/doctor/machine.py": {"which"},  # it only looks
    "kiosk/commands/accept.py": {"mkdir", "TemporaryDirectory"},  # a home that is deleted a minute later
    "kiosk/screen/screenshots.py": {"mkdir", "save"},  # --screenshots, for checks: nothing that anybody needs again
    "kiosk/core/standard_streams.py": {"open"},  # /dev/null
    "kiosk/devices/wake.py": {"write"},  # into a pipe that wakes the loop
    "kiosk/commands/replay.py": {"mkdir", "save"},  # likewise
    "kiosk/commands/rehearse.py": {"TemporaryDirectory"},  # thrown away after the rehearsal
    "kiosk/fetcher/transport/file_system.py": {"open"},  # at a source, by a temporary name and a rename
    "tools/wheel_admin/commands/results/from_source.py": {"TemporaryDirectory"},  # a copy for the verifier
    "kiosk/supervise/heartbeat.py": {"write_text"},  # on a disk in memory, once a second, and worth nothing later
    "tools/wheel_admin/commands/publish/bundle.py": {
        "rename"
    },  # moves aside what a restored home must not keep, and syncs the directories
    "tools/wheel_admin/publishing/bundle_file.py": {"open"},  # an archive in memory
    "tools/wheel_admin/commands/draft/init.py": {
        "chmod"
    },  # narrows a directory that is there already; its lock's sweep syncs it
    "tools/wheel_admin/commands/draft/preview.py": {"save"},  # a picture into memory
}


def changes_of(path: Path) -> set[str]:
    """Return the calls in the file that change directories or files."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        renames = name == "replace" and len(node.args) == 1 and not node.keywords  # a text's has two
        if called == f"os.{name}":
            changes = name in OS_CHANGES or (name == "open" and bool(re.search("O_WRONLY|O_RDWR", ast.unparse(node))))
        elif name == "open":
            modes = [_text(argument) for argument in (*node.args, *(keyword.value for keyword in node.keywords))]
            changes = any(re.fullmatch("[rwxabt+]*[wxa+][rwxabt+]*", mode) for mode in modes)
        else:
            changes = name in PATH_CHANGES or renames or called.startswith(OTHERS)
        if changes:
            found.add(name)
    return found


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.slow
def test_every_durable_write_goes_through_durable() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): changes
        for folder in ("kiosk", "tools/wheel_admin")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (changes := changes_of(path))
    }
    durable = found.pop("kiosk/core/durable.py")

    assert found == WRITES_ELSEWHERE
    assert durable >= {"replace", "fsync", "open", "mkdir", "unlink", "ftruncate", "write"}


@pytest.mark.parametrize(
    "code",
    [
        "open(name, 'w')",
        "path.open(mode='ab')",
        "io.open(name, 'r+')",
        "os.open(name, os.O_WRONLY | os.O_CREAT)",
        "path.write_bytes(data)",
        "os.replace(one, other)",
        "path.replace(other)",
        "shutil.rmtree(path)",
    ],
)
def test_the_scan_for_durable_writes_sees_them(code: str, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(code)

    assert changes_of(file)


@pytest.mark.parametrize(
    "code",
    ["open(name)", "path.open('rb')", "text.replace('a', 'b')", "os.open(name, os.O_RDONLY)", "file.write(text)"],
)
def test_the_scan_for_durable_writes_sees_nothing_in_reading(code: str, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(code)

    assert not changes_of(file)


READS_ELSEWHERE = {
    "kiosk/core/regular_files.py": {"os.open"},
    "kiosk/core/standard_streams.py": {"os.open", "open"},  # /dev/null
    "kiosk/core/durable.py": {"os.open"},  # directories, and what it writes
    "kiosk/devices/display.py": {"read_text"},  # /sys
    "kiosk/supervise/run_report.py": {"read_text"},  # /proc
    "kiosk/supervise/memory_guard.py": {"read_text"},  # /proc
    "kiosk/supervise/health/machine.py": {"read_text"},  # /sys
    "kiosk/commands/doctor/screen.py": {"read_text"},  # /proc
    "kiosk/commands/doctor/service.py": {"read_text"},  # /proc
    "kiosk/fetcher/transport/file_system.py": {"open"},  # at a source
    "kiosk/commands/accept.py": {"read_text", "read_bytes"},  # /proc, /sys, and its own report
    "kiosk/ledger/ledger.py": {"read_bytes"},  # the kiosk's own directory, whose files nobody else can replace
    "kiosk/ledger/checkpoints.py": {"read_bytes"},
    "kiosk/ledger/secret_store.py": {"read_bytes"},
    "tools/wheel_admin/importing/reader_client.py": {"os.open"},  # a file that the organiser named; it does not wait
    "tools/wheel_admin/publishing/bundle_file.py": {"open"},  # an archive in memory
    "tools/wheel_admin/importing/columns/header_words.py": {"read_text"},  # a file of the package
    "tools/wheel_admin/importing/plan/prize_words.py": {"read_text"},  # likewise
    "tools/wheel_admin/commands/results/report.py": {"read_bytes"},  # the program's own files, for their hash
    "tools/wheel_admin/publishing/public_page.py": {"read_text"},  # files of the package
    "tools/wheel_admin/importing/readers/zip_gate.py": {"open"},  # a part of an archive in memory
    "tools/wheel_admin/importing/readers/xlsx_archive.py": {"open"},  # likewise
    "tools/wheel_admin/importing/readers/xlsx.py": {"open"},  # likewise
    "tools/wheel_admin/importing/readers/xlsb.py": {"open"},  # likewise
    "tools/wheel_admin/importing/readers/ods.py": {"open"},  # likewise
}


def reads_of(path: Path) -> set[str]:
    """Return the calls in the file that read files by their path."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            name = called.rpartition(".")[2]
            if called == "os.open" or name in {"read_bytes", "read_text"}:
                found.add(called if called == "os.open" else name)
            elif name == "open":
                found.add(name)
    return found


@pytest.mark.slow
def test_files_are_read_by_the_one_helper_that_follows_no_link_and_never_waits() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): reads
        for folder in ("kiosk", "tools/wheel_admin")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (reads := reads_of(path))
    }

    assert found == READS_ELSEWHERE


def test_no_process_of_ours_loads_modules_from_the_working_directory() -> None:
    """That may be a home, where others write. With -P, `-m` and `-c` do not look there."""
    started = [
        (path.relative_to(ROOT).as_posix(), what)
        for folder in ("kiosk", "tools/wheel_admin")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for what in re.findall(r"sys\.executable, (\S+)", path.read_text("utf-8"))
    ]
    assert len(started) > 4
    assert {what for _, what in started} == {'"-P",', "str(VERIFIER),"}
