# make run    environment, catalogue, sample analysis, dashboard on 127.0.0.1:8501
# make test   environment, tests
# make check  everything CI runs: lint, types, tests
# make bench  our measurements beside those of our peers, on DATA=folder

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8501
DATA   ?= ../shared/data
# Processes the tests are shared among, file by file.
TESTERS ?= 2
STAMP  := $(VENV)/.installed
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test check format measured bench clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# uv where present, else the venv and pip that come with Python; both read the same pyproject.toml.
$(STAMP): pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		{ test -x $(BIN)/python || uv venv --quiet --python $(PYTHON) $(VENV); } && \
		uv pip install --quiet --python $(BIN)/python --editable . --group dev; \
	else \
		{ test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev; \
	fi
	@touch $(STAMP)

run: $(STAMP)
	$(BIN)/instructory analyze sample-human sample-distilled sample-selfimproved >/dev/null
	$(BIN)/instructory overlap sample-human sample-distilled >/dev/null
	$(BIN)/instructory overlap sample-human sample-selfimproved >/dev/null
	$(BIN)/instructory overlap sample-distilled sample-selfimproved >/dev/null
	@echo "The dashboard is at http://127.0.0.1:$(PORT) (Ctrl-C ends it)"
	$(BIN)/instructory dashboard --port $(PORT)

test: $(STAMP)
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(MAKE) test

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

measured: $(STAMP)
	$(BIN)/python -m benchmarks.measure $(DATA)

bench: $(STAMP)
	$(BIN)/python -m benchmarks.page $(DATA)

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
