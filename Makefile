# make demo    a centre to try, in ./fsc-demo
# make test    everything that must hold
#
# make bench   what is claimed about speed, measured
# make bench-ledger   the ledger of a million devices, beside plain statements
# make bench-scanner  the scanner service on pseudo-terminals, beside plain commits
# make bench-routes   routes beside those of PyVRP, VROOM, vrp-cli and OR-Tools
# make soak    every fault a station can have, for half an hour; and millions of bytes
# make docs    docs/commands.md, from the program's own help
#
# Each makes the environment in .venv first, and is safe to run again.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
# Without the build back end's advice on editable installs, which is not for users.
PIP_INSTALL = PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet \
	--disable-pip-version-check

.PHONY: demo test check bench bench-ledger bench-scanner bench-routes \
	bench-routes-whole soak docs pictures clean help

help:
	@sed -n 's/^# //p' Makefile

demo: $(VENV)/.installed
	$(BIN)/fsc demo

test: check
	@# By groups: what a file builds once for all its tests is built by one worker.
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.tested
	$(BIN)/python benchmarks/start.py

# Twenty minutes and 12 GB of disk; fewer: make bench-ledger DEVICES=100000
DEVICES ?= 1000000
ENGINE ?= sqlite
bench-ledger: $(VENV)/.tested
	$(BIN)/python -m benchmarks.ledger --devices $(DEVICES) --engine $(ENGINE)

bench-scanner: $(VENV)/.tested
	$(BIN)/python -m benchmarks.scanner

# Hours: sixty days, and the academic files where FILES names their folder.  One that
# was broken off goes on.  Less: make bench-routes ROUTES='--days 6 --seconds 10 --seeds 1'
FILES ?=
ROUTES ?=
BENCH_ROUTES = $(BIN)/python -m benchmarks.routes --dir .bench-routes \
	$(if $(FILES),--files '$(FILES)') $(ROUTES)
bench-routes: $(VENV)/.tested
	$(BIN)/python -m benchmarks.routes.environment
	$(BENCH_ROUTES)

# Days: every academic file there is.
bench-routes-whole: $(VENV)/.tested
	$(BIN)/python -m benchmarks.routes.environment
	$(BENCH_ROUTES) --set whole

# A small slice of all of them is in the tests.
SCANS ?= 10000
KILLS ?= 200
FUZZ ?= 100000
FUZZED = tests/scanner/test_pounded.py $(wildcard tests/*/test_*fuzzed.py)
soak: $(VENV)/.tested
	$(BIN)/python -m benchmarks.soak --scans $(SCANS) --kills $(KILLS)
	$(BIN)/python -m benchmarks.soak --scans $(SCANS) --kills $(KILLS) \
		--engine postgresql
	FSC_FUZZ_EXAMPLES=$(FUZZ) $(BIN)/python -m pytest -n $(WORKERS) -q $(FUZZED)

docs: $(VENV)/.tested
	$(BIN)/python docs/make_commands.py

pictures: $(VENV)/.tested
	$(BIN)/fsc demo
	$(BIN)/python docs/make_pictures.py fsc-demo

$(VENV)/.installed: setup.cfg setup.py pyproject.toml constraints.txt $(wildcard routes/kernel/c/* fsc_logistics/core/proof/c/*)
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed." >&2; exit 1; }
	@# One that was broken off halfway has a Python and no pip: it is made anew.
	$(BIN)/python -m pip --version >/dev/null 2>&1 || \
		$(PYTHON) -m venv --clear $(VENV)
	$(PIP_INSTALL) \
		-c constraints.txt -e .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(PIP_INSTALL) \
		-c constraints.txt -e '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info fsc-demo
