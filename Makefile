# A thin door: the work is in Python. PYTHON names the interpreter to make .venv with (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run serve test setup setup-dev setup-train setup-spark lock clean

run: setup
	@$(BIN)/passerelle demo

serve: setup
	@$(BIN)/passerelle build --no-graph
	@$(BIN)/passerelle serve

setup:
	@$(PYTHON) passerelle/bootstrap.py

setup-dev:
	@$(PYTHON) passerelle/bootstrap.py --dev

setup-train:
	@$(PYTHON) passerelle/bootstrap.py --train

setup-spark:
	@$(PYTHON) passerelle/bootstrap.py --spark

test: setup-dev
	@$(BIN)/python -m passerelle.checks

lock:
	@$(BIN)/python -m passerelle.checks --lock

clean:
	rm -rf .venv var
