# Everything that a person or CI does here. Two commands do the most: `make up` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
CELLFLEET := $(BIN)/cellfleet

.PHONY: setup engine up test policies test-kube chaos lint types bench docs clean

setup: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "cellfleet needs Python 3.11 or later; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q cellfleet components policies sandbox stacks # as pip does, but not for --editable
	@touch $@

engine: setup
	$(CELLFLEET) engine install

up: engine
	$(CELLFLEET) up --sandbox --yes

test: engine
	$(BIN)/python -m pytest -n 2 --dist loadgroup

policies: engine
	$(CELLFLEET) up --sandbox --yes --policy-pack policies/isolation/pack --policy-pack policies/capacity/pack

test-kube: engine
	tools/kube/build
	$(BIN)/python -m pytest tests/kube

chaos: engine
	$(BIN)/python -m pytest tests/chaos --kills 20

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(CELLFLEET) schema --check
	$(CELLFLEET) check --routes --resources
	$(BIN)/python -m docs.generate --check

types: setup
	$(BIN)/mypy

bench: engine
	$(BIN)/python -m benchmarks

docs: setup
	$(CELLFLEET) schema
	$(BIN)/python -m docs.generate

clean:
	-$(CELLFLEET) sandbox stop
	rm -rf .venv .cellfleet .mypy_cache .pytest_cache .ruff_cache .hypothesis
