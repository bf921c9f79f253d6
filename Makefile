# `make demo` and `make test` do all the set-up themselves, on a fresh Debian with git, make and python3-venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types gallery site bench clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-8s %s\n", $$1, $$2 }'

demo: adam.xlsx  ## export adam.xlsx and check it against NumPy, PyTorch and the CUDA kernel
	@echo "Checking adam.xlsx as it stands; remove it to have a fresh one."
	$(BIN)/sheetsim check adam.xlsx

# A workbook that is there already is yours, and is not written over.
adam.xlsx: | $(VENV)/demo-installed
	$(BIN)/sheetsim export $@

test: $(VENV)/dev-installed  ## run the tests (PYTEST="-k name" chooses, TEST_JOBS=1 runs one at a time)
	$(BIN)/python -m pytest -n $(TEST_JOBS) --dist loadgroup $(PYTEST)
TEST_JOBS ?= 2

lint: $(VENV)/dev-installed  ## look for mistakes, and for files that are not formatted
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(VENV)/dev-installed  ## format every file, mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/dev-installed  ## check the types
	$(BIN)/mypy

gallery: $(VENV)/dev-installed  ## export every lesson into workbooks/ anew
	$(BIN)/sheetsim export --all workbooks --force

site: $(VENV)/dev-installed  ## build the documentation into build/site
	$(BIN)/mkdocs build --strict

bench: $(VENV)/bench-installed  ## time the engine beside others (minutes)
	$(BIN)/python benchmarks/side_by_side.py
	$(BIN)/python benchmarks/adam.py
	$(BIN)/python benchmarks/export.py
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/fit.py
	$(BIN)/python benchmarks/embeddings.py --rows 15 100 1000 10000

clean:  ## remove the virtual environment and what tools left behind
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	    { echo "sheetsim needs Python 3.11 to 3.13: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
	    { rm -rf $(VENV); echo "no venv module: apt-get install python3-venv"; exit 1; }

$(VENV)/demo-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[torch]'
	touch $@

$(VENV)/dev-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[dev]'
	touch $@

$(VENV)/bench-installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[bench,torch]'
	touch $@
