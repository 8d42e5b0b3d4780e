# `make demo` and `make test` need nothing but a Python >= 3.11: each makes the environment it runs in, once.
#   VENV=.venv     where that environment lives        THREADS=2   CPU threads of a command
#   PYTHON=...     the Python to build it from          OUT=...     where `make demo` writes
#   ARGS=...       further options for dit_demo         FLAGS=...   further test flags, e.g. "slow gpu"
#   SEED=...       repeats the order of a test run
# On Linux without a GPU, PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu saves some GB of CUDA packages.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV    ?= .venv
THREADS ?= 2
OUT     ?= runs/demo
ARGS    ?=
FLAGS   ?=
JOBS    ?= 1
PROJECT := settings.ini setup.py constraints.txt
BIN     := $(abspath $(VENV))/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
USE     := export PATH="$(BIN):$$PATH" VIRTUAL_ENV="$(abspath $(VENV))" PYTHONNOUSERSITE=1;
FIND_PYTHON := for p in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done || true

export OMP_NUM_THREADS := $(THREADS)
export MKL_NUM_THREADS := $(THREADS)
export TOKENIZERS_PARALLELISM := false
# Threads that wait spin for a moment, then sleep: without the moment small steps take three times as long, without the
# sleep a second busy process slows this one tenfold. And glibc keeps large blocks that were freed: giving them back and
# faulting them in again costs a training step on the CPU a fifth of its time.
export GOMP_SPINCOUNT := 10000
export MALLOC_MMAP_THRESHOLD_ := 4000000000
export MALLOC_TRIM_THRESHOLD_ := 8000000000
export MALLOC_TOP_PAD_ := 100000000

.PHONY: help dev demo bench test alone slow browser check readme venv dist clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@sed -n 's/^#  /  /p' Makefile

demo: $(VENV)/.installed ## train hidden weight diffs and an adapter, and read what the held-out ones do
	@$(USE) dit_demo --out $(OUT) $(ARGS)

bench: $(VENV)/.installed ## measure speed and memory against PEFT, einsum, dense rows and the frozen base
	@$(USE) dit_bench --threads $(THREADS) --out runs/bench.json $(ARGS)

test: $(VENV)/.installed-dev ## run the notebooks as tests, in a random order (SEED=7 repeats one; FLAGS="slow gpu")
	@$(USE) python .ci/test_notebooks.py --flags "$(FLAGS)" $(if $(SEED),--seed $(SEED))

alone: $(VENV)/.installed-dev ## run the notebooks as tests, each in a process of its own (JOBS=2: two at once, of one thread each)
	@$(USE) python .ci/test_notebooks.py --alone --jobs $(JOBS) --flags "$(FLAGS)" $(if $(SEED),--seed $(SEED))

slow: $(VENV)/.installed-dev ## run the notebooks that have slow cells, with those cells
	@$(USE) python .ci/test_notebooks.py --slow --flags "$(FLAGS)" $(if $(SEED),--seed $(SEED))

browser: $(VENV)/.installed-dev $(VENV)-browser/.installed ## click through the demo in a real browser (chromium; on Debian it is installed if need be)
	@$(abspath $(VENV))-browser/bin/python .ci/browser.py $(BIN)/python

check: $(VENV)/.installed-dev ## export, clean and readme must change nothing; code and notebooks must be fit to show
	@$(USE) tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	snapshot() { GIT_INDEX_FILE="$$tmp/index" git add --all && GIT_INDEX_FILE="$$tmp/index" git write-tree; }; \
	before=$$(snapshot) && nbdev_export && nbdev_clean && python .ci/readme.py && after=$$(snapshot) || exit 1; \
	if [ "$$before" != "$$after" ]; then git --no-pager diff --stat "$$before" "$$after"; \
	echo "make check: exporting, cleaning and the readme changed the files above; commit what they wrote" >&2; exit 1; fi
	@$(USE) python .ci/check_notebooks.py && python .ci/check_code.py

readme: $(VENV)/.installed-dev ## write README.md from nbs/index.ipynb
	@$(USE) python .ci/readme.py

dist: $(VENV)/.installed-dev ## build the sdist, and the wheel from it, into dist/
	@$(USE) rm -rf build dist; log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	python -m build --no-isolation > "$$log" 2>&1 || { cat "$$log" >&2; exit 1; }; ls -l dist

clean: ## remove builds, runs and caches (the environment stays; rm -rf .venv removes it)
	rm -rf build dist runs nbs/runs _docs _proc *.egg-info nbs/sidebar.yml
	find . -path './.venv*' -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -type d -print0 | xargs -0 rm -rf

venv: $(VENV)/.installed ## make the environment
dev: $(VENV)/.installed-dev ## make the environment with the development tools

$(VENV)/.installed: $(PROJECT)
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	py=$$($(FIND_PYTHON)); \
	if [ -z "$$py" ]; then echo "dit_nb needs Python 3.11 or newer with venv and ensurepip; none was found on PATH (python3 here is: $$(python3 --version 2>&1 | tail -1)). Install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "Making $(VENV) with $$py ($$("$$py" --version))"; "$$py" -m venv --clear $(VENV); fi
	@echo "Installing dit_nb into $(VENV) (once, a few minutes)"
	@$(PIP) install -qq --use-pep517 --editable . --constraint constraints.txt
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing the development tools into $(VENV)"
	@$(PIP) install -qq --use-pep517 --editable '.[dev]' --constraint constraints.txt
	@touch $@

# JupyterLab and playwright, in an environment of their own: the kernel is that of $(VENV)
$(VENV)-browser/.installed: settings.ini $(VENV)/.installed-dev
	@echo "Installing JupyterLab and playwright into $(VENV)-browser"
	@$(BIN)/python -m venv --clear $(VENV)-browser
	@$(VENV)-browser/bin/python -m pip --disable-pip-version-check install -qq $$(sed -n 's/^browser_requirements = //p' settings.ini)
	@touch $@
