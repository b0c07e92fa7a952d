# `make run` and `make test` each do all the set-up from a fresh checkout.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test test-image browser check format docs bench setup clean

run: $(READY)
	$(BIN)/newsbeam run configs/local.yaml
	@echo "For plain newsbeam in this shell: . $(BIN)/activate"

test: check
	$(BIN)/python -m pytest -n logical --maxprocesses 8 --dist worksteal

# What the Dockerfile runs, step by step in a clean venv; slow, so not a part of `make test`.
test-image: $(READY)
	$(BIN)/python -m pytest -m image tests/test_dockerfile.py

# What the tests of the pages drive and ask; without it they are skipped. Debian, as root.
browser: $(READY)
	command -v chromium || { apt-get -qq update && apt-get -qq install -y chromium; }
	npm install --prefix .venv --silent --no-audit --no-fund --ignore-scripts axe-core@4.14.1

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The docs as a site, in build/site; what its links or pages lack is an error.
docs: export PYTHONPATH = .
docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: export PYTHONPATH = .
bench: $(READY)
	$(BIN)/python benchmarks/precision.py
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/chaos.py

setup: $(READY)

# The pip that comes with a venv may skip extras, so it is upgraded first.
$(READY): setup.py pyproject.toml constraints.txt
	@echo "Installing newsbeam and what it needs into .venv: once, for some minutes, most of them for torch (several GB;"
	@echo "README.md says how to have its CPU build, which is smaller: PIP_EXTRA_INDEX_URL holds for make, too)."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip==26.3
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf .venv out build *.egg-info .mypy_cache .ruff_cache .hypothesis
