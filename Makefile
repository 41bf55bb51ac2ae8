# Two commands do everything: `make run` and `make test`. Both are safe to run again.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT
unexport PYTHONDONTWRITEBYTECODE  # kept bytecode makes every start three times faster

.PHONY: help run test lint lock screens guide eval banks models translations clean

help: ## show the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

run: $(VENV)/.product models translations ## install, migrate, seed a demo, serve it
	@$(BIN)/python tools/serve.py

test: $(VENV)/.dev models translations ## install what the tests need, and run them all
	@tools/test.sh

lint: $(VENV)/.dev ## style, types, import contracts
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

screens: $(VENV)/.dev models translations ## make docs/screens anew
	@$(BIN)/python tools/make_screens.py

guide: $(VENV)/.dev models translations ## make the pictures of the help page's guide anew
	@$(BIN)/python tools/make_guide.py

eval: $(VENV)/.dev models ## measure the readers on drawn pictures, beside RapidOCR and tesseract (an hour)
	@tools/evaluate.sh $(EVAL)

banks: $(VENV)/.product ## make the tables of banks and card prefixes anew from their source (BANKS=version for a newer one)
	@$(BIN)/python tools/update_banks.py $(BANKS)

models: $(VENV)/.product
	@$(BIN)/python tools/fetch_models.py

translations: $(VENV)/.product
	@$(BIN)/python tools/compile_translations.py

lock: ## lock the requirements anew, with hashes
	uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 requirements.in -o requirements.lock
	uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 requirements-dev.in -o requirements-dev.lock

$(VENV)/bin/uv:
	@$(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet uv==0.13.9 || true

$(VENV)/.product: requirements.lock | $(VENV)/bin/uv
	@tools/install.sh requirements.lock && touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/uv
	@tools/install.sh requirements-dev.lock && touch $@ $(VENV)/.product

clean: ## remove everything that was installed or made
	rm -rf $(VENV) var models .pytest_cache .mypy_cache .ruff_cache
