# `make run` is all a newcomer needs; `make help` lists the rest.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# pip, for people: the downloads that take time, and whatever went wrong; the rest is not news.
# constraints.txt only fixes versions, so nothing that is not needed gets installed.
define pip_install
	set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '$(1)' 2>&1 \
	| awk ' \
		/Downloading .*[0-9][0-9](\.[0-9]+)? MB\)/ { sub(/^ +/, ""); sub(/[^ ]*\//, ""); print "  " $$0; fflush(); next } \
		/^Installing collected packages/ { print "  Unpacking …"; fflush(); next } \
		/^(Looking in|Collecting|Requirement already|Obtaining|Processing|Building|Successfully|Using cached)/ { next } \
		/^Installing build|^ +(Attempting|Found|Using|Downloading|Link|File was|Not |Found link|Building editable|Created wheel|Stored in|Obtaining|Installing|Checking|Getting|Preparing|Uninstalling|Successfully)/ { next } \
		/━|: it is neither a file nor a directory|^Ignoring / { next } \
		NF { print; fflush() }'
endef

.PHONY: help install run test lint bench eval lock clean system

help: ## what there is
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.pincite ## make .venv (and nothing else)

run: $(VENV)/.pincite ## serve the page on the corpus (ARGS="--port 8000")
	@$(BIN)/pincite serve $(ARGS)

test: lint system ## ruff, mypy and every test
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.pincite-dev ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.pincite-bench ## speed against its peers, and quality against its floors
	@$(BIN)/python bench/speed.py --check $(ARGS)
	@for bench in quality check judge review sources speaker followup verify prompt size; do \
		echo "== $$bench"; $(BIN)/python bench/$$bench.py --check || exit 1; done

eval: $(VENV)/.pincite ## quality, on the questions about the sample corpus
	@$(BIN)/pincite eval bench/sample_questions.jsonl $(ARGS)

lock: $(VENV)/.pincite-bench $(VENV)/.pincite-dev ## write the versions in .venv to constraints.txt
	@{ sed '/^[^#]/,$$d' constraints.txt; \
	   $(BIN)/python -m pip freeze --all --disable-pip-version-check --exclude-editable 2> /dev/null \
	   | sed -e 's/+[a-z0-9.]*$$//' -e '/ @ /d' -e '/^\(pip\|uv\)==/d'; } > constraints.tmp
	@mv constraints.tmp constraints.txt

clean: ## remove .venv and the caches of the tools; the index holds kept answers, so it stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# What only tests need. The page is tested in a real browser: Debian's, since Playwright's own cannot
# be fetched everywhere. Exports are read by pandoc.
system:
	@missing=; \
	command -v chromium > /dev/null || command -v chromium-browser > /dev/null || missing="chromium fonts-dejavu-core"; \
	command -v pandoc > /dev/null || missing="$$missing pandoc"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing what the tests of the page and of exports need: $$missing …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $$missing > /dev/null; \
	else echo "Tests that need these will be skipped (apt install $$missing)."; fi

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
		echo "Pincite needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." \
		     "Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(VENV)/.pincite: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Pincite into $(VENV): one to three minutes, most of it for PyTorch."
	@$(call pip_install,.)
	@touch $@

$(VENV)/.pincite-dev: pyproject.toml constraints.txt | $(VENV)/.pincite
	@echo "Installing what the tests need …"
	@$(call pip_install,.[dev])
	@touch $@ $(VENV)/.pincite

$(VENV)/.pincite-bench: pyproject.toml constraints.txt | $(VENV)/.pincite
	@echo "Installing what the bench compares with …"
	@$(call pip_install,.[bench])
	@touch $@ $(VENV)/.pincite
