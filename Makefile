# Stellwerk. One line each, nothing hidden: `make demo` to look at it, `make test` to prove it.
# Debian's Python is built with its own profile, one that pyenv has compiled is not: the same work in nine tenths of the time.
PYTHON ?= $(shell /usr/bin/python3.11 -c 'import ensurepip, venv; print("/usr/bin/python3.11")' 2>/dev/null || echo python3.11)
UV := .tools/bin/uv
BIN := .venv/bin
# What was compiled once is kept, whatever the machine says: every process then starts in half the time.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON_PREFERENCE := only-system
export UV_LINK_MODE := copy
# Behind a company's inspecting proxy: what this machine trusts is trusted by the installers too.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export UV_SYSTEM_CERTS ?= true
export NODE_EXTRA_CA_CERTS ?= $(CERTIFICATES)
endif
HOST ?= 127.0.0.1
PORT ?= 8000
SOURCES_FRONTEND := $(shell find frontend -type f 2>/dev/null) package.json package-lock.json vite.config.ts tsconfig.json
SOURCES_PO := $(shell find src -name '*.po' 2>/dev/null)

.PHONY: demo test check check-types check-rest bench e2e thorough postgres build install clean screenshots help

help:            ## Show this list
	@grep -E '^[a-z0-9-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/  –/'

demo: install    ## Install, load the demo company, serve http://127.0.0.1:8000
	@STELLWERK_DEMO=1 STELLWERK_HOME="$${STELLWERK_HOME:-$(CURDIR)/.stellwerk}" $(BIN)/stellwerk demo --projects 60 --people 200 --seed 7 --host $(HOST) --port $(PORT)

test: install    ## All tests that need no server and no browser (browser tests run where Chromium is)
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

thorough: install ## All tests with all their random examples, and every boundary of every parameter of the API (docs/decisions/0010)
	@STELLWERK_THOROUGH=1 STELLWERK_BOUNDARIES=1 $(BIN)/pytest -n 2 --dist worksteal $(ARGS)

postgres: install ## The same suite on a real PostgreSQL (DATABASE_URL, else one started from a wheel)
	@$(BIN)/python -m tests.postgres -n 2 --dist worksteal -m "not browser" $(ARGS)

e2e: install     ## Journeys and accessibility in a real browser
	@$(BIN)/pytest -n 2 --dist worksteal -m browser $(ARGS)

check: install   ## Lint, types, import contracts, templates, migrations, translations
	@$(BIN)/ruff check . && $(BIN)/ruff format --check src tests benchmarks
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target check-types check-rest

check-types:     # the longest of them, beside all others
	@$(BIN)/mypy

check-rest:
	@$(BIN)/lint-imports
	@$(BIN)/python -m stellwerk makemigrations --check --dry-run
	@$(BIN)/python -m stellwerk messages --check
	@$(BIN)/python -m stellwerk docs --check
	@$(BIN)/pytest -n0 tests/architecture/test_templates.py

bench: install   ## The figures of docs/performance.md
	@$(BIN)/python -m benchmarks.run

build: install   ## A wheel with the front end inside
	@$(UV) build --wheel

screenshots: install ## The pictures of README and user guide
	@$(BIN)/python -m tests.screenshots

install: .venv/.ready .venv/.frontend .venv/.messages ## Install everything once; seconds the second time

.tools/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Stellwerk needs Python 3.11 or newer as '$(PYTHON)': install it, or say 'make PYTHON=/path/to/python3'."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11: install 3.11, or say 'make PYTHON=/path/to/python3.11'."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv: on Debian and Ubuntu 'apt install python3-venv'."; exit 1; }
	@echo "1/4 Installer"; $(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.ready: .tools/bin/uv requirements.lock pyproject.toml build_hook.py
	@echo "2/4 Python packages"
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --python $(BIN)/python --require-hashes requirements.lock
	@STELLWERK_SKIP_FRONTEND=1 $(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

.venv/.frontend: .venv/.ready $(SOURCES_FRONTEND)
	@echo "3/4 Front end"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --reinstall-package stellwerk --editable .
	@touch $@

.venv/.messages: .venv/.ready $(SOURCES_PO)
	@echo "4/4 Translations"
	@$(BIN)/python build_hook.py
	@touch $@

clean:           ## Remove what was installed and built (never your data)
	rm -rf .venv .tools node_modules dist src/stellwerk/web/static/dist
