"""A short run finds nothing, is repeatable, and does find a broken parser."""

from collections.abc import Iterator

import pytest

from kiosk.core import text_rules as text
from kiosk.core.errors import SnapshotMalformed
from kiosk.snapshot import model
from tests.torture.fuzz.__main__ import main
from tests.torture.fuzz.engine import Target, fuzz
from tests.torture.fuzz.samples import TRUSTED
from tests.torture.fuzz.targets import targets

INPUTS = 600
NAMES = (
    *("snapshot file", "signed list", "request", "names file", "ledger", "ledger file", "checkpoints", "secret"),
    *("settings", "theme", "draft", "status", "receipt", "manifest", "csv", "workbook"),
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Target]]:
    with targets(tmp_path_factory.mktemp("fuzz")) as found:
        yield found


def test_every_target_is_in_the_short_run(known: dict[str, Target]) -> None:
    assert set(known) == set(NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_nothing_crashes_and_nothing_is_accepted_that_the_rules_forbid(known: dict[str, Target], name: str) -> None:
    target = known[name]
    for seed in target.seeds if name != "secret" else ():
        target.read(seed)

    account = fuzz(target, inputs=max(20, round(INPUTS * min(1.0, target.share))), seed=20_260_504)

    assert account.defects == []
    assert account.inputs == account.accepted + sum(account.refused.values())
    assert account.refused or name == "checkpoints", "the kiosk passes over checkpoints that are not its own"


def test_the_same_seed_makes_the_same_inputs_and_another_one_others(known: dict[str, Target]) -> None:
    runs: list[list[bytes]] = []
    for seed in (1, 1, 2):
        runs.append([])
        fuzz(Target("any", known["request"].seeds, runs[-1].append), inputs=200, seed=seed)

    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize(
    ("target", "module", "name", "broken"),
    [
        ("signed list", model, "problems", lambda _snapshot: []),
        ("request", text, "_problem_with_characters", lambda _text: ""),
        ("signed list", model, "encode", lambda _snapshot: (_ for _ in ()).throw(ZeroDivisionError)),
    ],
    ids=["no rules", "no rules for characters", "a crash"],
)
def test_a_parser_that_is_broken_is_found(
    known: dict[str, Target], monkeypatch: pytest.MonkeyPatch, *, target: str, module: object, name: str, broken: object
) -> None:
    monkeypatch.setattr(module, name, broken)
    text._stands_by_itself.cache_clear()
    try:
        assert fuzz(known[target], inputs=3000, seed=1).defects
    finally:
        text._stands_by_itself.cache_clear()  # what the broken rules said must not reach other tests


def test_a_verification_that_lets_everything_through_is_found(
    known: dict[str, Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.torture.fuzz.targets.TRUSTED", {key: _Lenient() for key in TRUSTED})

    assert fuzz(known["snapshot file"], inputs=1500, seed=1).defects


class _Lenient:
    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Accept any signature."""
        return True


def test_an_input_with_a_new_end_becomes_a_seed() -> None:
    seen: list[bytes] = []

    def read(data: bytes) -> None:
        seen.append(data)
        raise SnapshotMalformed(f"begins with {data[:1]!r}, {len(data)} bytes" if data else "nothing")

    account = fuzz(Target("any", (b"a",), read), inputs=300, seed=1)

    assert account.ends >= 2
    assert len({data[:8] for data in seen}) > 100


def test_the_command_prints_a_line_a_target_and_ends_with_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--inputs", "60", "--target", "status", "--target", "settings", "--seed", "7"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[:2] for line in out.splitlines()[1:3]] == [["status", "20"], ["settings", "40"]]
    assert "seed 7: no crash" in out
    with pytest.raises(SystemExit):
        main(["--target", "nonsense"])
