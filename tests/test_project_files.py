"""The project's own files agree: what Makefile, pyproject.toml and the workflows name exists."""

import importlib.util
import re
import tomllib
from pathlib import Path

from licences.__main__ import locked

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_module_that_make_runs_exists() -> None:
    modules = set(re.findall(r"python -m ([\w.]+)", MAKEFILE)) - {"pip", "pytest"}

    assert {"demo", "bench", "tests.torture.soak", "tests.torture.virtual_pi.run"} <= modules
    for module in modules:
        assert importlib.util.find_spec(module) is not None, module


def test_every_target_of_make_is_phony_and_has_a_line_of_help() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    helped = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))

    assert phony is not None
    assert set(phony[1].split()) == TARGETS == helped


def test_ci_and_the_hooks_run_targets_of_make_that_exist() -> None:
    for name in (".github/workflows/test.yml", ".pre-commit-config.yaml", ".ci/run"):
        named = set(re.findall(r"(?:run:|entry:|^)\s*make ([a-z-]+)", (ROOT / name).read_text(), re.MULTILINE))
        assert named, name
        assert named <= TARGETS, name


def test_every_path_in_the_settings_of_the_tools_exists() -> None:
    mutmut, ruff = PYPROJECT["tool"]["mutmut"], PYPROJECT["tool"]["ruff"]["lint"]["per-file-ignores"]
    named = [
        *mutmut["source_paths"],
        *mutmut["only_mutate"],
        *mutmut["also_copy"],
        *mutmut["pytest_add_cli_args_test_selection"],
        *ruff,
        *PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
        *PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"],
    ]

    assert [one for one in named if not any(ROOT.glob(one))] == []


def test_the_workflow_tests_every_python_that_the_metadata_names() -> None:
    tested = set(re.findall(r'"(3\.\d+)"', (ROOT / ".github/workflows/test.yml").read_text()))
    named = set(re.findall(r"Python :: (3\.\d+)", "\n".join(PYPROJECT["project"]["classifiers"])))

    assert tested == named


# ---- what is locked ------------------------------------------------------------------------------------------------


def test_the_lock_names_every_dependency_of_the_programs_with_hashes() -> None:
    text = (ROOT / "constraints.txt").read_text()
    names = locked(text)
    extras = PYPROJECT["project"]["optional-dependencies"]
    wanted = [*PYPROJECT["project"]["dependencies"], *extras["pi"], *extras["remote"]]

    assert {re.split("[<>=]", line)[0] for line in wanted} <= set(names)
    for block in re.split(r"\n(?=[a-z0-9.-]+==)", text)[1:]:
        assert "--hash=sha256:" in block, block.splitlines()[0]
    assert "://" not in text, "the lock must name no index"


def test_the_list_of_licences_is_that_of_the_lock() -> None:
    text = (ROOT / "docs/licences.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9.-]+) \| ([^ ]+) \| (.+) \|$", text, re.MULTILINE)[2:]

    assert {name: version for name, version, _ in rows} == locked((ROOT / "constraints.txt").read_text())
    assert all(licence != "see its page" for _, _, licence in rows)


def test_the_steps_of_the_workflow_are_numbered() -> None:
    jobs = re.split(r"\n  (?=[a-z-]+:\n    )", (ROOT / ".github/workflows/test.yml").read_text())
    numbered = [re.findall(r"- name: (\d+)\. ", job) for job in jobs if "steps:" in job]

    assert len(numbered) == 4
    assert all(numbers == [str(number) for number in range(1, len(numbers) + 1)] for numbers in numbered)


def test_the_workflow_and_ci_install_the_same_packages() -> None:
    workflow = re.search(r"APT_PACKAGES: (.*)", (ROOT / ".github/workflows/test.yml").read_text())
    ci = re.search(r"packages=\((.*)\)", (ROOT / ".ci/run").read_text())

    assert workflow is not None
    assert ci is not None
    assert set(workflow[1].split()) | {"systemd"} == set(ci[1].split())


def test_the_workflow_caches_by_the_lock_and_keeps_little_for_some_days() -> None:
    text = (ROOT / ".github/workflows/test.yml").read_text()
    steps = re.split(r"\n      - name: ", text)
    pythons = [step for step in steps if "actions/setup-python" in step]
    uploads = [number for number, step in enumerate(steps) if "actions/upload-artifact" in step]

    assert len(pythons) == 4
    assert all("cache: pip" in step and "constraints.txt" in step for step in pythons)
    assert len(uploads) == 2
    for number in uploads:
        assert re.search(r"retention-days: \d+", steps[number])
        assert "Limit the size" in steps[number - 1]


def test_an_audit_that_could_not_look_a_package_up_fails() -> None:
    assert "pip-audit --strict " in MAKEFILE
