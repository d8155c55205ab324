# Two commands are all you need: `make demo` and `make test`. Each makes .venv by itself.

.PHONY: demo test test-live test-debian tests lint bench clean
BIN := .venv/bin
REACT := $(foreach p,react react-dom,.cache/npm/$(p)-$(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' tests/bench/guard.py).tgz)
CHAT := .cache/npm/converse.js-$(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' tests/live/converse.py).tgz
LOUNGE := .cache/npm/thelounge-$(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' tests/live/lounge.py)
FORUM := .cache/npm/nodebb-$(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' tests/live/nodebb.py)
DEBIAN := .cache/debian-13
AXE := .cache/npm/axe-core-$(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' tests/e2e/axe.py).tgz
MISAGO := .cache/pypi/misago-$(shell sed -n 's/^VERSION = "\(.*\)"/\1/p' tests/live/misago.py)

demo: .venv/installed
	@$(BIN)/safeguard demo

# Everything: style, types, the order of the rooms, the tests. (`make -k test` goes on to the tests where the style is wrong.)
test: lint tests

tests: .venv/installed-dev
	@test -f $(CHAT) || $(MAKE) --silent $(CHAT) || echo "no converse.js from npm: its tests will be skipped" >&2
	@test -d $(LOUNGE) || $(MAKE) --silent $(LOUNGE) || echo "no The Lounge from npm: its tests will be skipped" >&2
	@test -f $(AXE) || $(MAKE) --silent $(AXE) || echo "no axe-core from npm: its tests will be skipped" >&2
	@$(BIN)/python -m pytest -m 'not slow_live and not debian'

# Software of others that takes minutes to start and to drive.
test-live: .venv/installed-dev
	@test -d $(FORUM) || $(MAKE) --silent $(FORUM) || echo "no NodeBB from npm: its tests will be skipped" >&2
	@test -d $(MISAGO) || $(MAKE) --silent $(MISAGO) || echo "no Misago from PyPI: its tests will be skipped" >&2
	@$(BIN)/python -m pytest -m slow_live

# A fresh Debian, for which installer/install.sh is meant, and one that systemd starts. As root; the first time with the network, for minutes.
test-debian: .venv/installed-dev
	@test -d $(DEBIAN) || $(BIN)/python -m tests.setup.debian $(DEBIAN)
	@$(BIN)/python -m pytest tests/setup/test_fresh_debian.py tests/setup/test_systemd.py

# The web chat that tests/live drives, as npm ships it; fetched once.
.cache/npm/converse.js-%.tgz:
	@mkdir -p $(@D) && cd $(@D) && npm pack --silent --fetch-retries=1 --fetch-timeout=60000 converse.js@$* >/dev/null

# What looks for barriers in the parents' page; fetched once.
.cache/npm/axe-core-%.tgz:
	@mkdir -p $(@D) && cd $(@D) && npm pack --silent --fetch-retries=1 --fetch-timeout=60000 axe-core@$* >/dev/null

# The web chat in front of IRC, with all it needs, as npm ships it; no script of a package is run. Fetched once.
.cache/npm/thelounge-%:
	@rm -rf $@.part && mkdir -p $@.part && cd $@.part && npm install --silent --ignore-scripts --no-audit --no-fund --prefix . \
	  --fetch-retries=1 --fetch-timeout=60000 thelounge@$* >/dev/null
	@mv $@.part $@

# The forum, the same way.
.cache/npm/nodebb-%:
	@rm -rf $@.part && mkdir -p $@.part && cd $@.part && npm install --silent --ignore-scripts --no-audit --no-fund --prefix . \
	  --fetch-retries=1 --fetch-timeout=60000 nodebb@$* >/dev/null
	@mv $@.part $@

# Another forum, with what tests/live/misago.txt lists, in a virtual environment of its own. Fetched once.
.cache/pypi/misago-%: | $(BIN)/python
	@rm -rf $@.part && mkdir -p $(@D) && $(BIN)/python -m venv $@.part && $@.part/bin/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --retries 1 --timeout 60 --requirement tests/live/misago.txt misago==$*
	@mv $@.part $@

# What the page of the bench's guard is made with; fetched once.
.cache/npm/react-dom-%.tgz:
	@mkdir -p $(@D) && cd $(@D) && npm pack --silent --fetch-retries=1 --fetch-timeout=60000 react-dom@$* >/dev/null

.cache/npm/react-%.tgz:
	@mkdir -p $(@D) && cd $(@D) && npm pack --silent --fetch-retries=1 --fetch-timeout=60000 react@$* >/dev/null

lint: .venv/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > .venv/lint-imports.txt || { cat .venv/lint-imports.txt; exit 1; }

bench: .venv/installed-dev
	@for p in $(CHAT) $(REACT); do test -f $$p || $(MAKE) --silent $$p || echo "no $$p from npm: the guard is not measured with it" >&2; done
	@$(BIN)/python -m tests.bench

# A Python that runs: pyenv puts commands on PATH that exist and yet fail, so each candidate is tried, not looked for.
$(BIN)/python:
	@set -e; found=; \
	for p in python3.13 python3.12 python3 "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3 python3.14; do \
	  if "$$p" -c 'import sys; raise SystemExit(sys.version_info < (3, 12))' >/dev/null 2>&1; then found=$$p; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "SafeGuard needs Python 3.12 or newer: apt install python3 python3-venv (Debian 13, Ubuntu 24.04), else pyenv install 3.12, or https://www.python.org/downloads/" >&2; exit 1; fi; \
	if ! "$$found" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	  echo "Python's venv is missing; run: apt install python3-venv" >&2; exit 1; fi; \
	echo "making .venv with $$("$$found" --version)"; "$$found" -m venv --clear .venv || { rm -rf .venv; exit 1; }

.venv/installed: pyproject.toml | $(BIN)/python
	@echo "installing what SafeGuard needs (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q safeguard  # as pip does for what it copies: a third of a start
	@touch $@

.venv/installed-dev: pyproject.toml | $(BIN)/python
	@echo "installing what SafeGuard and its tests need (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q safeguard
	@touch $@ .venv/installed

clean:
	rm -rf .venv build dist
