# The first interpreter that is new enough, unless PYTHON names one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup test test-fast test-long check lock up demo drill bench screenshots

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Tutti needs Python 3.11 or newer: make PYTHON=/path/to/python $(MAKECMDGOALS)'; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Everything that needs no account. Drills run by themselves: they need the machine. What starts servers waits more
# than it works, so two of them share it; one that the others disturb is tried once more, which the report says.
test: test-fast
	$(BIN)/python -m pytest -m 'server and not drill and not long' -n 2 --dist loadgroup --no-loadscope-reorder --reruns 1
	$(BIN)/python -m pytest -m 'drill and not long' --reruns 1

# Drills that kill for minutes: of launches and of published stock.
test-long: $(READY)
	$(BIN)/python -m pytest -m long

# Starts no server: for every save of a file.
test-fast: $(READY)
	$(BIN)/python -m pytest -m 'not server and not drill and not long' -n auto

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/deptry .
	.ci/audit

lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--extra dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--constraint requirements.lock pyproject.toml -o requirements.runtime.lock

up demo drill: $(READY)
	$(BIN)/tutti $@

bench: $(READY)
	$(BIN)/python -m bench

# The console's pages with the demo's data, for docs/console.md; needs Chromium.
screenshots: $(READY)
	$(BIN)/python -m bench.pictures
