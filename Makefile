# Every target is a few plain lines that the documentation shows too. make demo TRAIN=1 trains its models itself.
PYTHON ?= python3
BIN := .venv/bin
EXAMPLE := RETRACE_DIR_ROOT=example/mirrors RETRACE_STORAGE=example/storage RETRACE_ANNOTATIONS=example/annotations

.PHONY: demo annotate test fast lint lint-page docs clean

demo: .venv/installed
	$(BIN)/python -m demo $(if $(TRAIN),--train)

annotate: example/storage/mirrors/set.json
	$(EXAMPLE) $(BIN)/python -m annotate

test: .venv/installed-dev
	$(BIN)/python -m pytest -n 2

# the tests that need neither a training nor a browser: under a minute
fast: .venv/installed-dev
	$(BIN)/python -m pytest -m fast -n 2

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

docs: .venv/installed-dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

lint-page:
	npm ci
	npx eslint annotate/page
	npx tsc

clean:
	rm -rf .venv demo example site node_modules

# three made-up mirrors to draw on
example/storage/mirrors/set.json: | .venv/installed
	$(BIN)/python -m data.synthetic example/mirrors --mirrors 3 --height 2400 --width 1800 --seed 18 --overwrite
	$(EXAMPLE) $(BIN)/python -m data.setup --channels depth,normals,albedo

# what a user runs
.venv/installed: requirements.txt requirements-cpu.txt
	@echo 'Installing into .venv: a few minutes, up to 6 GB'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt --requirement requirements-cpu.txt
	touch $@

# what tests, documentation and linters need beside it
.venv/installed-dev: requirements-dev.txt | .venv/installed
	$(BIN)/python -m pip install --quiet --requirement requirements.txt --requirement requirements-dev.txt
	touch $@
