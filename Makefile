# Every target is a few plain lines that the README shows too. make demo TRAIN=1 trains its models itself.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint clean

demo: .venv/installed
	$(BIN)/python -m demo $(if $(TRAIN),--train)

test: .venv/installed
	$(BIN)/python -m pytest -n 2

lint: .venv/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf .venv demo

.venv/installed: requirements.txt requirements-cpu.txt
	@echo 'Installing into .venv: a few minutes, 5 GB'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement requirements.txt --requirement requirements-cpu.txt
	touch $@
