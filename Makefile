# make run    starts the embedded platform with demo data and opens Parlour, signed in
# make test   everything that CI runs: lint, types, import contracts, tests
# make check  the same without the tests
# make soak   the long forms of the tests: crashes, flapping networks and faults by the thousand
# make bench  one table of all figures, beside other programs; ARGS="--rows keys,start --skip-peers --write docs/performance.md"
# make profile KIND=cpu|heap|imports WHAT=start|thread|feed|flood  where the time, the memory and the imports go
# make docs   writes what is generated: docs/KEYS.md, docs/API.md
# make screenshots  draws the pictures of the README

VENV ?= .venv
PYTHON = $(VENV)/bin/python
SOURCES = api_client server themes tui widgets

# What is compiled once need not be compiled by every process of the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check soak bench profile docs screenshots clean

run:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh run
	@$(PYTHON) -m tui demo $(ARGS)

check:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports

test: check
	$(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder --reruns 1 -r R $(ARGS)

soak:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh dev
	PARLOUR_SOAK=1 $(PYTHON) -m pytest -m soak -n 2 --timeout=3600 --durations=0 $(ARGS)

bench:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh bench
	$(PYTHON) -m compileall -q benchmarks tests/e2e
	$(PYTHON) -m benchmarks $(ARGS)

KIND ?= cpu
WHAT ?= start

profile:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh bench
	$(PYTHON) -m benchmarks.profile $(KIND) --what $(WHAT) $(ARGS)

docs:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh dev
	$(PYTHON) -m tui.keysdoc docs/KEYS.md
	PYTHONPATH=. $(PYTHON) scripts/apidoc.py docs/API.md

screenshots:
	@PARLOUR_VENV=$(VENV) scripts/setup.sh dev
	$(PYTHON) scripts/screenshots.py docs/images

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
