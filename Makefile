# Green Tianshui. `make serve` and `make test` do all their own set-up from Python 3.11+ and make.
# Every file named .stamp says "this step is done for these inputs", so that a second start takes seconds.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
NODE_MODULES := frontend/node_modules/.stamp

# The first Python that is new enough; `make PYTHON=/path/to/python3.12 serve` chooses another.
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$name >/dev/null 2>&1 && $$name -c '$(OLD_ENOUGH)' 2>/dev/null && echo $$name && break; done)
ifeq ($(strip $(PYTHON)),)
$(error Python 3.11 or newer is needed and none was found. Install it (Debian: apt-get install python3 python3-venv), \
	or name one: make PYTHON=/path/to/python3)
endif
SETUP := $(PYTHON) .ci/setup.py

# `make serve PORT=9000` is short for GREEN_PORT=9000; every GREEN_* setting of .env.example works the same way.
ifdef PORT
export GREEN_PORT := $(PORT)
endif

SOURCES := $(shell find frontend/src frontend/styles -type f 2>/dev/null) $(wildcard frontend/*.json frontend/*.ts)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard frontend/locales/*/LC_MESSAGES/messages.po))
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## Show what can be asked for
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- Running it ---

.PHONY: serve
serve: $(STAMPS)/serve bundle catalogues ## Serve the demo city on http://127.0.0.1:8000
	@exec $(BIN)/python -m backend.cli serve

.PHONY: dev
dev: $(STAMPS)/dev bundle catalogues ## The same, built anew whenever a file changes
	@$(SETUP) npm run build -- --watch & watcher=$$!; trap 'kill $$watcher' EXIT INT TERM; \
		$(BIN)/python -m watchfiles --filter python '$(BIN)/python -m backend.cli serve' backend

# --- Proving it ---

.PHONY: test test-frontend test-quick test-slow
test: test-frontend test-quick test-slow ## Run every test; the quick ones first, so that a failure shows early

test-frontend: bundle
	$(SETUP) npm run test

test-quick: $(STAMPS)/dev bundle catalogues ## Only the tests of Python that take seconds
	$(BIN)/python -m pytest tests/repo tests/unit tests/property

test-slow: ready
	$(BIN)/python -m pytest tests/api tests/faults tests/browser

.PHONY: ready
ready: $(STAMPS)/dev $(STAMPS)/browser bundle catalogues

.PHONY: bench
bench: ready ## Measure speed and print ratios; wants the machine for itself
	$(BIN)/python -m pytest tests/bench --numprocesses=0 --benchmark-enable --capture=no

.PHONY: coverage
coverage: ready ## Tell which lines and branches no test reaches
	$(BIN)/python -m pytest tests/unit tests/property tests/api --cov --cov-report=term --cov-report=html:var/coverage

CHECKS := check-format check-lint check-types check-imports check-templates check-translations check-frontend \
	check-size check-dependencies check-city check-migrations

.PHONY: check $(CHECKS)
check: $(CHECKS) ## Format, lint, types, import contracts, templates, translations, city data, migrations

$(CHECKS): $(STAMPS)/dev

check-format:
	$(BIN)/ruff format --check

check-lint:
	$(BIN)/ruff check

# pyright runs on Node.js: the machine's, or the one that the front end's step has brought.
check-types: $(NODE_MODULES)
	$(BIN)/pyright

check-imports:
	$(BIN)/lint-imports --config pyproject.toml

check-templates:
	$(BIN)/djlint frontend/templates --lint --quiet
	$(BIN)/djlint frontend/templates --check --quiet

check-translations:
	$(BIN)/python .ci/catalogues.py check

check-frontend: $(NODE_MODULES)
	$(SETUP) npm run check

check-size: bundle
	$(SETUP) npm run size --silent

check-dependencies:
	$(BIN)/deptry backend

check-city:
	$(BIN)/python -m backend.cli city check

check-migrations:
	$(BIN)/python .ci/migrations.py

# --- Changing it ---

.PHONY: format
format: $(STAMPS)/dev $(NODE_MODULES) ## Put every file into the shape that `make check` asks for
	-$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format
	-$(BIN)/djlint frontend/templates --reformat --quiet
	$(SETUP) npm run format

.PHONY: messages
messages: $(STAMPS)/dev ## Collect the strings of code and templates into the catalogues, ready to translate
	$(BIN)/python .ci/catalogues.py update

.PHONY: lock
lock: $(STAMPS)/dev ## Write the lock files anew; UPGRADE=1 takes the newest versions
	$(LOCK) pyproject.toml -o requirements.txt
	$(LOCK) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt
	$(LOCK) --group pyproject.toml:setup -c requirements-dev.txt -o requirements-setup.txt
	$(LOCK) --group pyproject.toml:node -o requirements-node.txt
	$(SETUP) npm install --package-lock-only

.PHONY: weekly
weekly: ready audit bench ## What takes too long for every change: deep property tests, coverage, audit, bench
	HYPOTHESIS_PROFILE=weekly $(BIN)/python -m pytest tests/property
	$(MAKE) coverage

.PHONY: audit
audit: $(STAMPS)/dev $(NODE_MODULES) ## Ask for known weaknesses in dependencies, and for dead code
	$(BIN)/pip-audit --requirement requirements-dev.txt --require-hashes --disable-pip
	$(SETUP) npm audit
	$(BIN)/vulture

.PHONY: clean
clean: ## Remove everything that these commands made, but never the data in var/
	rm -rf $(VENV) frontend/node_modules static/build .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	rm -f $(CATALOGUES) .setup.lock
	find backend tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +

# --- The steps ---

# The dev lock holds everything of the serving lock, so that after `make test` nothing is left to install for `make serve`.
$(STAMPS)/serve: requirements.txt requirements-setup.txt .ci/setup.py
	@test $(STAMPS)/dev -nt requirements.txt || $(SETUP) python requirements.txt
	@mkdir -p $(@D) && touch $@

$(STAMPS)/dev: requirements-dev.txt requirements-setup.txt .ci/setup.py
	@$(SETUP) python requirements-dev.txt
	@mkdir -p $(@D) && touch $@

$(NODE_MODULES): frontend/package-lock.json frontend/package.json requirements-node.txt .ci/setup.py
	@$(SETUP) frontend
	@touch $@

$(STAMPS)/browser: .ci/setup.py | $(STAMPS)/dev
	@$(SETUP) browser
	@mkdir -p $(@D) && touch $@

.PHONY: bundle
bundle: static/build/.stamp

static/build/.stamp: $(NODE_MODULES) $(SOURCES)
	@$(SETUP) npm run build --silent -- --logLevel warn --emptyOutDir
	@touch $@

.PHONY: catalogues
catalogues: $(CATALOGUES)

%.mo: %.po | $(STAMPS)/serve
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
