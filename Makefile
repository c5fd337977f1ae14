# Everything that a person or a machine runs here. `make help` lists it.
# The only things needed beforehand: Python 3.11 or newer with pip and venv, and make.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
JOBS   ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench coverage mutants soak vm-test clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## from an Excel file to a verified winner, in a window or, without a display, in pictures
	@$(BIN)/python -m demo

test: $(READY) lint types ## lint, types, and all tests
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(READY) ## ruff: rules and formatting
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .

types: $(READY) ## mypy, strict
	@$(BIN)/mypy --no-error-summary

bench: $(READY) ## measure, and print the figures asked for beside the measured ones
	@$(BIN)/python -m bench

coverage: $(READY) ## branch coverage of all tests: 95 % without, 85 % of the drawing code
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[quality]'
	@$(BIN)/coverage erase
	@# Measuring makes a reader of spreadsheets slower than its limit allows: whether tests pass is for `make test` to say.
	-@$(BIN)/coverage run -m pytest -q -n $(JOBS) --dist worksteal
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --include 'kiosk/screen/*' --fail-under 85
	@$(BIN)/coverage report --omit 'kiosk/screen/*' --fail-under 95

mutants: $(READY) ## mutation tests of wheel, draw, snapshot, ledger, keys and machine (about an hour)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[quality]'
	@$(BIN)/mutmut run && $(BIN)/mutmut results

soak: $(READY) ## 10 000 spins and 1000 lists with faults, about an hour; its summary at the end
	@$(BIN)/python -m tests.torture.soak --spins 10000 --lists 1000

vm-test: $(READY) ## the installer, the service and power cuts in a virtual Pi (root, QEMU; half an hour)
	@$(BIN)/python -m tests.torture.virtual_pi.run

clean: ## remove what the targets above made
	rm -rf $(VENV) demo .vm .mypy_cache .pytest_cache .ruff_cache .hypothesis mutants .coverage*

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "wheel-kiosk needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python cannot make virtual environments here; on Debian: apt-get install python3-venv" >&2; exit 2; }
	@echo "making $(VENV) (once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@
