# One place that says how the project is set up, run, tested and measured.
# A fresh machine needs Python ≥ 3.11 and make; everything else comes from requirements.lock.

PYTHON ?= python3
BIN := .venv/bin

# Three processes, each with its own databases: what waits on two cores leaves them to the others. A file's tests stay
# together, for they share what it sets up; files are taken as they come, for the long ones come early.
IN_PARALLEL := --numprocesses 3 --dist loadscope --no-loadscope-reorder

.PHONY: demo serve test soak check lint types imports bench docs lock pm4py clean

demo: .venv/ready  ## set up, fill a believable county and serve it; prints the address
	$(BIN)/jiandu demo

serve: .venv/ready  ## serve the county in var/ (or JIANDU_DATABASE_URL)
	$(BIN)/jiandu serve

# An environment that keeps no compiled modules would compile ours anew in every process that a test starts.
test: export PYTHONDONTWRITEBYTECODE :=
test: .venv/ready  ## set up and run everything that CI runs
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(IN_PARALLEL)

soak: SOAK_SECONDS ?= 1800
soak: .venv/ready  ## everything at once for half an hour; SOAK_SEED=… draws again what a run has drawn
	SOAK_SECONDS=$(SOAK_SECONDS) SOAK_SEED=$(SOAK_SEED) $(BIN)/python -m pytest --capture=no tests/chaos/test_soak.py

check: lint types imports  ## the tests that need no running

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

imports: .venv/ready
	$(BIN)/lint-imports

bench: .venv/ready  ## ratios against references measured in the same run
	$(BIN)/python -m ops.benchmarks

docs: .venv/ready  ## write the generated pages anew; a test compares them
	$(BIN)/python -m ops.events_page
	$(BIN)/python -m api.openapi_page

lock: .venv/ready  ## pin every dependency anew
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --output-file requirements.lock

pm4py: .venv/ready  ## let PM4Py read what is exported; it is AGPL, and stands in an environment of its own
	$(PYTHON) -m venv var/pm4py
	var/pm4py/bin/python -m pip install --quiet --disable-pip-version-check pm4py lxml
	$(BIN)/python -m pytest -k pm4py

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jiandu needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
