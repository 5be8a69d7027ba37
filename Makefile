# `make search` and `make test` set up what they need. Everything stays in this folder (.venv, .tools, outputs).
.PHONY: help setup search test test-all campaign check lint types imports notebooks docs docs-serve lock clean

help:
	@echo "make search   set up, then: python run.py search=zen budget=flops600M (more: make search ARGS='budget=params1M seed=1')"
	@echo "make test     set up, then run the tests that take minutes; make test-all: every test (Ray, SLURM, a browser, killed runs)"
	@echo "make check    lint, types, import contracts, make test (CI runs make test-all, the notebooks, the site and the wheel)"
	@echo "make campaign  damage, odd input, crafted folders, kills, full disks, bad servers, at full size: hours; make test-all: a small part"
	@echo "make notebooks  run the notebooks, small settings (STORE=1: full settings, outputs are stored in the files)"
	@echo "make docs     build the site in site/ (make docs-serve: show it at http://127.0.0.1:8000 while you write)"
	@echo "make lock     pin requirements.txt again from pyproject.toml"
	@echo "make clean    remove .venv, .tools and caches; outputs stay"

ARGS ?= search=zen budget=flops600M
WORKERS ?= 2

setup:
	@sh scripts/setup.sh

search: setup
	.venv/bin/python run.py $(ARGS)

test: setup
	.venv/bin/python -m pytest -q -n $(WORKERS) --dist worksteal -m "not long"

# The pool of Ray measures what its cluster does: no other test may run beside it.
test-all: setup
	.venv/bin/python -m pytest -q -n $(WORKERS) --dist worksteal
	.venv/bin/python -m pytest -q tests/search/test_ray_pool.py

# The campaign of pages opens those of the site too.
campaign: setup docs
	sh campaigns/run.sh

check: lint types imports test

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup
	.venv/bin/mypy

imports: setup
	.venv/bin/lint-imports

notebooks: setup
	.venv/bin/python scripts/notebooks.py $(if $(STORE),--store)

docs: setup
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet
	@echo "the site is in site/; its search needs a server: make docs-serve, or python3 -m http.server -d site"

docs-serve: setup
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs serve

lock: setup
	.tools/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --extra dev --output-file requirements.txt pyproject.toml

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist site
