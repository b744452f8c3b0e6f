# `make run` does the main job, `make test` checks the code; both set up .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SPEC   ?= experiments.yaml
OUT    ?= figures

# Images of containers often set it: every process would compile MLflow and torch anew, six seconds each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test coverage costs examples faults extra cluster gpu versions lint docs setup clean help
.DEFAULT_GOAL := help

help:            ## say what each target does
	@grep -hE '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: $(VENV)/.base  ## train the grid of $(SPEC), draw its figures into $(OUT)/
	$(BIN)/sweep run $(SPEC)
	$(BIN)/sweep report $(SPEC) --out $(OUT)
	@echo "Report: $(OUT)/report.html    Every run and curve: $(BIN)/sweep ui $(SPEC)"

# Four workers on two cores: tests wait for processes. Who has none left takes some of another's.
SHORT := -n 4 -p tests.forks --dist worksteal -m "not matrix and not extra and not examples and not cluster"
test: setup      ## run the tests
	$(BIN)/python -m pytest $(SHORT)

coverage: setup  ## run the same tests with branch coverage, which takes almost twice as long
	$(BIN)/python -m pytest $(SHORT) --cov --cov-report=term

costs: setup     ## run the same tests and list what each group of them costs, in seconds of CPU
	$(BIN)/python -m pytest $(SHORT) -p tests.costs

examples: setup  ## run the examples with large libraries: Lightning, Hugging Face, torchrun and so on
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,examples]'
	$(BIN)/python -m pytest -n 2 -m examples tests/test_examples.py

FAULTS := tests/scenarios/test_faults.py tests/scenarios/test_chaos.py tests/scenarios/test_search.py tests/sweeps/search/test_study.py tests/sweeps/executors/test_cluster_queue.py
faults: setup    ## run the whole fault matrix, of grids and searches, and of jobs that outlive their supervisor
	$(BIN)/python -m pytest -n 2 $(FAULTS)

extra: setup     ## run the tests that take minutes: torch's compiler, MLflow's UI in a browser, servers that go away
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]' wandb
	$(BIN)/python -m pytest -n 2 -m extra

cluster: setup   ## run the tests on a Ray of several nodes and on a Slurm of two; the latter needs root
	tests/services/install slurm-wlm munge
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,ray,slurm]' 'ray[client]'
	$(BIN)/python -m pytest -m cluster

versions:        ## run the tests that need no torch on every Python that is found, and with the lowest versions of all packages
	$(PYTHON) benchmarks/packaging/versions.py

# In less than 8 minutes; exit code 1 where a test fails or a bar is missed.
gpu: setup       ## run the tests that need a GPU, and measure the trainer on it
	$(BIN)/python benchmarks/gpu.py

lint: setup      ## ruff (rules and format), strict mypy, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/test_architecture.py

docs: setup      ## build the site of the documents into site/, strictly; it opens from disk
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,docs]'
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

setup: $(VENV)/.ready  ## make .venv with the pinned versions

$(VENV)/.ready: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	touch $@

# What the sweeps need, without the tests' tools. Modules are compiled when they are first imported: most never are.
$(VENV)/.base: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "sweep needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 setup")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --editable '.[all]'
	touch $@

clean:           ## remove .venv and caches; records and figures stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .coverage*
