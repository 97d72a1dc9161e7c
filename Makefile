# make run | test | lint | proof | bench | tour | locale | coverage | clean
#
# Each makes the environment .venv that it needs first; what is there already is not made again.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# The newest Python that suits; `make run PYTHON=/path/to/python3` chooses another one.
SUITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$each -c "$(SUITS)" 2>/dev/null && echo $$each && break; done)

# What the tests need besides Python, as Debian names it. Root may install it, and whoever has sudo without a password.
PACKAGES := chromium fonts-noto-cjk fonts-noto-color-emoji nginx
SUDO := $(if $(filter 0,$(shell id -u)),,sudo -n)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -qq

# Seconds after which a test has failed.
TIMEOUT ?= 180

.DEFAULT_GOAL := help
.PHONY: help run test lint proof bench tour locale coverage clean browser left-out

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

run: $(VENV)/run ## serve on http://localhost:8888, data under data/
	@exec $(BIN)/python run.py

test: $(VENV)/dev browser ## run every test, in the browser too
	@$(MAKE) --no-print-directory left-out
	$(BIN)/python -m pytest --timeout=$(TIMEOUT)
	@! command -v node >/dev/null || (cd tests/js && node --test)
	@$(MAKE) --no-print-directory left-out

lint: $(VENV)/dev ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy --strict chatroom

proof: $(VENV)/dev ## the long proofs: faults, kills, thousands of messages
	$(BIN)/python -m tests.proof

bench: $(VENV)/run ## measure this machine
	$(BIN)/python -m benchmarks

tour: $(VENV)/dev browser ## take the pictures of docs/tour.md and of the README
	$(BIN)/python -m docs.tour

locale: $(VENV)/dev ## bring the translations up to date and compile them
	$(BIN)/python locale/update.py

coverage: $(VENV)/dev ## which lines the tests run
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

clean: ## remove the environment and what tools left; data stays
	rm -rf $(VENV) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/dev: requirements-dev.txt $(VENV)/run
	$(PIP) install -r $<
	@touch $@

$(VENV)/run: requirements.txt | $(BIN)/python
	$(PIP) install -r $<
	@touch $@

$(BIN)/python:
	@$(if $(PYTHON),$(PYTHON) -c "$(SUITS)" 2>/dev/null,false) || { \
		echo "Python 3.11 or newer with venv is needed$(PYTHON:%=, which % is not) (Debian: apt install python3-venv)." >&2; \
		exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

browser:
	@dpkg -s $(PACKAGES) >/dev/null 2>&1 || ! command -v apt-get >/dev/null || ! $(SUDO) true 2>/dev/null || \
		{ echo "Installing $(PACKAGES) ..."; $(APT) update && $(APT) install -y $(PACKAGES) >/dev/null; } || true

# With REQUIRE_BROWSER=1, as in CI, what is left out is an error.
left-out:
	@left=; \
	command -v chromium >/dev/null || left="$$left\n!!  Chromium is missing: the BROWSER TESTS are left out."; \
	command -v nginx >/dev/null || left="$$left\n!!  nginx is missing: the tests behind a proxy are left out."; \
	command -v node >/dev/null || left="$$left\n!!  Node.js is missing: the tests of static/js are left out."; \
	[ -z "$$left" ] || { printf "\n!!!!!!!!!!!!!!!!!!!!!!!!!$$left\n!!!!!!!!!!!!!!!!!!!!!!!!!\n\n" >&2; [ -z "$(REQUIRE_BROWSER)" ]; }
