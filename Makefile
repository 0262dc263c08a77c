# Everything here works on a machine with python3 (3.11 or newer, with venv and pip), git and make.

UV_VERSION := 0.13.9
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .uv/bin/uv
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
# A company's own certificate authority is known to the system, not to uv.
export UV_SYSTEM_CERTS := true

# The parts of the check follow each other, so that the summary of the tests comes last.
.NOTPARALLEL:
.PHONY: help install demo test lint types imports schemas unit format bench clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

$(UV):
	@$(PYTHON) -m venv .uv
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(VENV)/.installed: $(UV) pyproject.toml uv.lock
	@$(UV) sync --locked --quiet --python $(PYTHON)
	@touch $@

install: $(VENV)/.installed  ## a private environment from the locked dependencies

demo: install  ## validate, diff, apply and status on plans/, against the built-in sandbox
	@.ci/demo

test: lint types imports schemas unit  ## the whole check; ends with pytest's summary

lint: install  ## formatting and lint rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install  ## static types, strict
	$(BIN)/mypy

imports: install  ## the layers of the package
	$(BIN)/lint-imports

schemas: install  ## the committed schemas are those of the models
	$(BIN)/launcher schema --check

unit: install  ## all tests
	$(BIN)/pytest -n auto --dist worksteal

format: install  ## rewrite what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install  ## how fast manifests are read, and what apply adds to its HTTP calls
	$(BIN)/python benchmarks/reading.py
	$(BIN)/python benchmarks/applying.py

clean:  ## remove what was installed and made here, the demo's record included
	rm -rf $(VENV) .uv .launcher locks/sandbox.lock.json .mypy_cache .ruff_cache .pytest_cache .hypothesis
