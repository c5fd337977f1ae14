# Every target that developers and CI run. `make help` lists them.
# Required beforehand: make, and Python 3.11 or newer with pip and venv.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTEST := $(BIN)/python -m pytest
JOBS   ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo quick test test-extended slow-tests lint types bench profile coverage mutants lock audit licences release-check soak vm-test clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## from an Excel file to a verified winner, in a window or, without a display, in pictures
	@$(BIN)/python -m demo

quick: $(READY) ## the tests that need no real time: about a minute on two cores
	@$(PYTEST) -q -n $(JOBS) --dist worksteal -m "not slow" --hypothesis-profile quick

test: $(READY) lint types ## lint, types, and all tests
	@$(PYTEST) -n $(JOBS) --dist worksteal

test-extended: $(READY) ## real servers on loopback, and the public page in Chromium (root; Debian's packages in docs/testing.md)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[extended]'
	@WHEEL_TEST_EXTENDED=1 $(PYTEST) -q tests/extended

slow-tests: $(READY) ## list the tests that `make quick` leaves out
	@$(PYTEST) -q --collect-only -m slow

lint: $(READY) ## ruff: rules and formatting
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .

types: $(READY) ## mypy, strict
	@$(BIN)/mypy --no-error-summary

bench: $(READY) ## measure, and print each figure beside its target
	@$(BIN)/python -m bench

profile: $(READY) ## print where the time of a frame, a start and an import goes
	@$(BIN)/python -m bench.profiles

coverage: $(READY) ## branch coverage of all tests: at least 95 %, of the drawing code 85 %
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[quality]'
	@$(BIN)/coverage erase
	@# Measuring makes the reader of spreadsheets slower than its limit allows; `make test` decides whether tests pass.
	-@$(BIN)/coverage run -m pytest -q -n $(JOBS) --dist worksteal
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --include 'kiosk/screen/*' --fail-under 85
	@$(BIN)/coverage report --omit 'kiosk/screen/*' --fail-under 95

mutants: $(READY) ## mutation tests of the core: wheel, draw, snapshot, ledger, keys, machine (about an hour)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[quality]'
	@$(BIN)/mutmut run && $(BIN)/mutmut results

lock: $(READY) ## write constraints.txt: exact versions and hashes of what the programs need
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-tools>=7.4'
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra pi --extra remote --output-file constraints.txt pyproject.toml

audit: $(READY) ## look the locked packages up among known vulnerabilities (needs a network)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.7'
	@# --strict: a package that could not be looked up is a failure, not a pass.
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement constraints.txt

licences: $(READY) ## write docs/licences.md from constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement constraints.txt
	@$(BIN)/python -m licences > docs/licences.md

release-check: $(READY) ## build sdist and wheel, install them in a new environment, and run a draw from them
	@WHEEL_RELEASE_CHECK=1 $(PYTEST) -q tests/e2e/test_packaging.py

soak: $(READY) ## 10 000 spins and 1000 lists with faults injected, and a summary (about an hour)
	@$(BIN)/python -m tests.torture.soak --spins 10000 --lists 1000

vm-test: $(READY) ## installer, service and power cuts in a virtual Pi (root, QEMU; about an hour)
	@$(BIN)/python -m tests.torture.virtual_pi.run

clean: ## delete what these targets make
	rm -rf $(VENV) demo build dist .vm .mypy_cache .pytest_cache .ruff_cache .hypothesis mutants .coverage*

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "wheel-kiosk needs Python 3.11 or newer. Name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 2; }
	@echo "making $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@
