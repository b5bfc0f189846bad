# Everything a fresh checkout needs: `make demo` shows what Rulescope does, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
COMPILED := $(VENV)/.compiled

.PHONY: demo test check install dev lock clean

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rulescope needs Python 3.11 or newer (set PYTHON=...)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv; } \
	  || { echo "Python's venv module is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python pyproject.toml requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

# Bytecode of our sources, so that the program starts at once even where Python may not write it while it runs.
$(COMPILED): $(STAMP) $(shell find src -name '*.py')
	$(BIN)/python -m compileall -q src
	touch $@

install: $(COMPILED)

dev: $(DEV_STAMP) $(COMPILED)

# Catalogue and run the rules of samples/ on the logs of samples/; leaves the site, with what fired, in demo/site.
demo: $(COMPILED)
	@mkdir -p demo
	$(BIN)/rulescope build samples/rules --catalog demo/rulescope.catalog
	$(BIN)/rulescope run samples/rules --logs samples/logs --catalog demo/rulescope.catalog
	$(BIN)/rulescope build samples/rules --catalog demo/rulescope.catalog -o demo/site > demo/site.log
	@echo
	@echo "The site is in demo/site: open demo/site/index.html"

test: $(DEV_STAMP) $(COMPILED)
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

# What CI runs beside the tests.
check: $(DEV_STAMP)
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

# Write the locks anew from the ranges of pyproject.toml.
lock: $(DEV_STAMP)
	$(BIN)/python -m piptools compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --output-file requirements.lock pyproject.toml
	$(BIN)/python -m piptools compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --extra dev --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) demo build dist
