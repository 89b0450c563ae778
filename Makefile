# Two commands do everything: `make demo` and `make test`. `make help` lists the others.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
WORKERS ?= 2
PORT ?= 8000

.PHONY: help demo demo-consultation dev assets words test lint types imports e2e screens check drafts bench bench-pages chaos clean

help: ## what each command does
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 20

demo: assets ## the demonstration on http://127.0.0.1:8000, or another PORT=8100
	@$(BIN)/alliage demo --port $(PORT)

demo-consultation: assets ## import a real consultation and publish its synthesis: DATA=folder
	@test -n "$(DATA)" || { echo "Indiquez le dossier de ses fichiers : make demo-consultation DATA=dossier (lesquels : docs/import.md)"; exit 2; }
	@$(BIN)/alliage demo-consultation "$(DATA)"

dev: $(VENV)/dev.done ## the demonstration with the development tools installed, made again when code, styles or islands change
	@$(BIN)/watchfiles --filter default --ignore-paths app/static/built \
		"sh -c '$(BIN)/python build/assets.py && exec $(BIN)/alliage demo --port $(PORT)'" app build

assets: $(VENV)/run.done ## the style sheets, browser code and icons of the pages, where a source changed
	@$(BIN)/python build/assets.py

words: $(VENV)/dev.done ## add to app/locale the sentences of pages that have no English yet, and list them
	@$(BIN)/python build/words.py

test: $(VENV)/dev.done assets lint types imports ## everything: lint, types, import contracts, migrations, the whole suite on real PostgreSQL
	$(BIN)/pytest -n $(WORKERS) -q

e2e: $(VENV)/dev.done assets ## what people do, in Debian's Chromium, on the demonstration: by mouse, by keyboard, without JavaScript, on a phone; DATA=folder of a consultation for it too
	$(if $(DATA),ALLIAGE_CONSULTATION="$(abspath $(DATA))") $(BIN)/pytest tests/e2e -n $(WORKERS) --dist loadfile -q

drafts: $(VENV)/dev.done assets ## 200 accidents while somebody writes (server killed, connection cut, sign-in expired, tab closed): 0 drafts lost
	ALLIAGE_DRAFT_TRIALS=$(or $(TRIALS),200) $(BIN)/pytest tests/e2e/test_drafts.py -n 0 -q -s

screens: $(VENV)/dev.done assets ## docs/screens/: a picture of each screen, wide and narrow, light and dark; some of them with ONLY=name
	$(BIN)/python -m tests.e2e.screens $(ONLY)

lint: $(VENV)/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.done
	$(BIN)/mypy
	$(BIN)/python build/assets.py --types

imports: $(VENV)/dev.done
	$(BIN)/lint-imports

check: $(VENV)/run.done ## counters, canonical texts, citations, manifests and orphans of this installation
	@$(BIN)/alliage check

bench: $(VENV)/dev.done ## the figures of docs/performance.md, measured on this machine
	$(BIN)/python -m bench $(BENCH)

bench-pages: $(VENV)/dev.done assets ## weight, paint and cost of the pages: DATA=folder of a consultation for the browser's side
	$(BIN)/python -m bench.pages $(if $(DATA),--data "$(DATA)") $(BENCH)

chaos: $(VENV)/dev.done ## 50 kills of the server and 50 of PostgreSQL in mid-post; nothing acknowledged may be lost
	$(BIN)/python -m tests.chaos --kills 50

clean: ## delete the environment and the local data, wherever they are (the demonstration starts anew)
	@test ! -d var/postgres || test ! -x $(BIN)/python || $(BIN)/python -m app.core.postgres.removal var/postgres
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 ou 3.13 est nécessaire."; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.done: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installation des dépendances (une fois)…"
	@$(PIP) install --require-hashes --no-deps -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installation des outils de développement (une fois)…"
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.done
