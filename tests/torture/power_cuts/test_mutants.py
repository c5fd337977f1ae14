"""The enumeration bites: take away one sync, one rename or one order of steps, and it finds a bad state."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.core import durable
from kiosk.core.home import Home
from kiosk.core.key_files import trust
from kiosk.core.keys import PrivateKey, PublicKey
from kiosk.draw.protocol import Chain
from kiosk.intake import loader
from kiosk.intake.snapshot_files import Published, keep_copy
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.record import Body, Record, Result
from kiosk.ledger.secret_store import SecretStore
from kiosk.session.draw_session import Session
from kiosk.snapshot.model import Listed
from tests.torture.power_cuts.checks import Duty, bytes_problems
from tests.torture.power_cuts.disk import Operation, SyncDirectory, SyncFile
from tests.torture.power_cuts.enumeration import Recording, examine, fingerprint, kills, moments, record, starting
from tests.torture.power_cuts.scenarios import JOBS, ShownTooEarly
from tests.torture.power_cuts.test_states import recording_of
from wheel_admin.commands.draft import init
from wheel_admin.publishing.signing_key import write_signing_key

pytestmark = pytest.mark.slow

MOST_TRIED = 12
"""Jobs in which a sync that nobody misses is looked for, the shortest first."""
SAMPLE = 3
"""The programs are started on one state in so many, where the order of steps is changed."""
LINES = Path(durable.__file__).read_text().splitlines()


NOBODY_RELIES = {"fsync_directory", "check_room"}
"""The sync itself; and what is written only to see whether there is room, and deleted again."""


def syncs() -> Iterator[tuple[str, int]]:
    """Yield each place in durable.py where something is synced, as the recordings name it, and its line."""
    for node in ast.walk(ast.parse("\n".join(LINES))):
        if isinstance(node, ast.FunctionDef) and node.name not in NOBODY_RELIES:
            calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
            lines = [one.lineno for one in calls if ast.unparse(one.func) in {"os.fsync", "fsync_directory"}]
            yield from ((f"{node.name} {number}", line) for number, line in enumerate(sorted(lines), start=1))


PLACES = dict(syncs())

CUT, KILL = "a power cut", "a kill and a power cut"
NEEDED = {
    "write_atomic 1": ("import", CUT),
    "write_atomic 2": ("import", CUT),
    "make_directory 1": ("init", CUT),
    "remove 1": ("prune", CUT),
    "sweep 1": ("import", KILL),
    "__init__ 1": ("spins", KILL),
    "__init__ 2": ("fresh books", CUT),
    "append 1": ("spins", CUT),
    "truncate 1": ("torn records", CUT),
}
"""The syncs of durable.py, by function: the job in which each one is missed, and after what."""
TIDY = {"append 2": "what a full disk made the kiosk take back would be moved aside at the next start, and said to be"}
"""Those without which nothing is lost, and why they are made all the same."""


def leaves_out(operation: Operation, line: int, caller: str = "") -> bool:
    """Say whether `operation` is the sync of that line, for that caller if one is named."""
    if not isinstance(operation, SyncFile | SyncDirectory):
        return False
    return bool(re.search(rf":{line}\b", operation.site)) and operation.site.startswith(caller)


def without(recording: Recording, line: int, caller: str = "") -> Recording:
    """Return the recording as it would be without those syncs: no program can tell whether one was made."""
    kept = [not leaves_out(operation, line, caller) for operation in recording.operations]
    assert not all(kept), f"{recording.name} never comes to line {line}"
    operations = tuple(one for one, stays in zip(recording.operations, kept, strict=True) if stays)
    after = recording.killed_after
    return replace(recording, operations=operations, killed_after=None if after is None else sum(kept[:after]))


def test_every_sync_of_durable_is_tried() -> None:
    assert set(PLACES) == {*NEEDED, *TIDY}


@pytest.mark.parametrize("place", NEEDED)
def test_without_this_sync_a_power_cut_does_damage(place: str) -> None:
    job, after = NEEDED[place]
    recording, line = recording_of(job), PLACES[place]
    tried = kills(recording) if after == KILL else [recording]

    assert any(first_bad(without(one, line)) for one in tried), LINES[line - 1].strip()


def first_bad(recording: Recording) -> str:
    """Return what is wrong with the bytes of the first bad state; empty if none is bad."""
    seen: dict[tuple[bytes, int, int], Duty] = {}  # holds the duties, so that no two have one id
    for state, duty in moments(recording, fine=False):
        looked_at = (fingerprint(state), id(duty.sure), id(duty.since))
        if looked_at not in seen:
            seen[looked_at] = duty
            for problem in bytes_problems(state, duty):
                return problem
    return ""


def test_signing_a_record_before_it_is_durable_is_found() -> None:
    """Killed in the middle of a record, started again, and then the power went: so it was until openings synced."""
    line = PLACES["__init__ 1"]
    for again in kills(recording_of("spins")):
        mutant = without(again, line, "Ledger.__init__")
        bad = [state for state, duty in moments(mutant, fine=False) if any(bytes_problems(state, duty))]
        with starting(mutant) as start:
            if any("which this kiosk has signed" in problem for state in bad for problem in start(state)):
                return  # not after every kill: while a spin is open nothing is signed
    pytest.fail("no kill left a signed record that was not synced")


EXPLAINED = {
    ("StatusFile._write", "write_atomic 2"): "the status is a sign of life: an old one does no harm",
    ("kiosk_key", "write_atomic 2"): "the checkpoints' file, opened next in the same directory, syncs it",
    ("write_signing_key", "write_atomic 2"): "the draft, written next into the same directory, syncs it",
    ("Ledger.__init__", "__init__ 2"): "the checkpoints' file, opened next in the same directory, syncs it",
    ("Ledger.append", "append 2"): TIDY["append 2"],
    ("Ledger.__init__", "__init__ 1"): "needed after a kill",
    ("Checkpoints.__init__", "__init__ 1"): "needed after a kill",
    ("open_session", "sweep 1"): "needed after a kill",
    ("publication_lock", "sweep 1"): "needed after a kill",
    ("keep_earlier", "write_atomic 2"): "the draft, written next into the same directory, syncs it",
    ("_publish", "write_atomic 2"): "the checkpoints' file, opened next in the same directory, syncs it",
}
"""Who can do without which sync as far as the bytes after a single power cut tell, and why it is made all the same."""


def test_every_caller_needs_its_syncs_but_for_those_that_are_explained() -> None:
    names = {str(line): place for place, line in PLACES.items()}
    recordings = sorted((recording_of(job.name) for job in JOBS), key=lambda one: len(one.operations))
    found: dict[tuple[str, str], bool] = {}
    tried = Counter[tuple[str, str]]()
    for recording in recordings:
        for site in {one.site for one in recording.operations if isinstance(one, SyncFile | SyncDirectory)}:
            caller, place = site.split(" > ")[0], names[site.split(" > ")[1].rpartition(":")[2]]
            tried[caller, place] += 1
            if not found.get((caller, place)) and tried[caller, place] <= MOST_TRIED:
                mutant = without(recording, PLACES[place], caller)
                found[caller, place] = bool(first_bad(mutant))

    assert len(found) >= 35
    assert {pair for pair, bad in found.items() if not bad} == set(EXPLAINED)


# ---- renames, and the order of steps ------------------------------------------------------------------------------


def damage(name: str) -> str:
    """Return what goes wrong in that job as the code is now; empty if nothing does."""
    try:
        recording = record(next(job for job in JOBS if job.name == name))
    except (AssertionError, OSError, ShownTooEarly) as error:
        return f"{type(error).__name__}: {error}"
    return first_bad(recording) or "".join(examine(recording, every=SAMPLE, fine=False).bad[:1])


def test_a_write_in_place_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def in_place(path, data, *, mode=0o640, replace=True):  # type: ignore[no-untyped-def]
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)  # type: ignore[name-defined]  # noqa: F821
        os.write(descriptor, data)  # type: ignore[name-defined]  # noqa: F821
        os.fsync(descriptor)  # type: ignore[name-defined]  # noqa: F821
        os.close(descriptor)  # type: ignore[name-defined]  # noqa: F821
        fsync_directory(path.parent)  # type: ignore[name-defined]  # noqa: F821

    monkeypatch.setattr(durable.write_atomic, "__code__", in_place.__code__)

    assert "is 0 bytes" in damage("import")


def test_a_rename_that_is_left_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", lambda source, target: None)

    assert "no wheel home" in damage("import") or "absent" in damage("import")


def test_a_secret_that_is_stored_after_its_anchor_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    commit, append = SecretStore.commit, Ledger.append
    late: list[Callable[[], object]] = []

    def only_make(store: SecretStore) -> Chain:
        secret = store.random_bytes(32)
        late.append(lambda: commit(SecretStore(*store._directories, random_bytes=lambda _: secret)))
        return Chain(secret, length=20)

    def then_store(ledger: Ledger, body: Body) -> Record:
        record = append(ledger, body)
        while late:
            late.pop()()
        return record

    monkeypatch.setattr(SecretStore, "commit", only_make)
    monkeypatch.setattr(Ledger, "append", then_store)

    assert "adopted without its secret" in damage("first start")


def test_secrets_that_are_forgotten_before_the_new_anchor_is_recorded_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit = SecretStore.commit

    def commit_and_forget(store: SecretStore) -> Chain:
        chain = commit(store)
        store.forget_all_but(chain.anchor)
        return chain

    monkeypatch.setattr(SecretStore, "commit", commit_and_forget)

    assert "adopted without its secret" in damage("a day's work")


def test_a_copy_of_the_list_that_is_made_after_the_adopt_record_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list may be pruned, or its name lost with the power: then nobody could ever check the draw."""
    adopt, late = Session.adopt, list[tuple[Published, bytes, Path]]()

    def then_copy(session: Session, listed: Listed, chain: Chain | None = None) -> None:
        adopt(session, listed, chain)
        while late:
            keep_copy(*late.pop())

    def later(published: Published, names: bytes, directory: Path) -> None:
        late.append((published, names, directory))

    monkeypatch.setattr(loader, "keep_copy", later)
    monkeypatch.setattr(Session, "adopt", then_copy)

    assert "adopted without a copy" in damage("first start")


def test_a_torn_record_that_is_cut_off_before_it_is_kept_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    move_aside = Ledger._move_aside

    def cut_first(ledger: Ledger, path: Path, torn: bytes, *, size: int) -> None:
        ledger._file.truncate(size)
        move_aside(ledger, path, torn, size=size)

    monkeypatch.setattr(Ledger, "_move_aside", cut_first)

    assert "was dropped" in damage("torn records")


def test_a_signing_key_that_is_written_before_anybody_trusts_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[tuple[Path, PublicKey]] = []

    def later(directory: Path, key: PublicKey) -> None:
        late.append((directory, key))

    def then_trust(home: Home, key: PrivateKey, passphrase: str) -> None:
        write_signing_key(home, key, passphrase)
        trust(*late.pop())

    monkeypatch.setattr(init, "trust", later)
    monkeypatch.setattr(init, "write_signing_key", then_trust)

    assert "TrustError" in damage("init")


def test_a_wheel_that_turns_before_its_result_is_recorded_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    append, late = Ledger.append, list[Body]()

    def later(ledger: Ledger, body: Body) -> Record:
        if isinstance(body, Result):
            late.append(body)
            record = Record(seq=ledger.seq, at="", prev=ledger.head, body=body)
            ledger.history.apply(record)
            return record
        while late:
            append(ledger, late.pop())
        return append(ledger, body)

    monkeypatch.setattr(Ledger, "append", later)

    assert "its result is not in the ledger" in damage("spins")


def test_the_code_as_it_is_does_no_damage() -> None:
    assert damage("import") == ""
    assert first_bad(recording_of("spins")) == ""
