# `make` lists the targets. Everything that a target needs, it installs into .venv and target/; a fresh clone on a
# machine with git, make, a C compiler, a Rust toolchain and Python 3.11 or newer is enough.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What the native module is built from. A change to any of it builds again.
NATIVE := Cargo.toml Cargo.lock pyproject.toml $(shell find src -name '*.rs')
EXAMPLE := python/ocpplog/data/example.log.gz
# The bundled log: small enough to ship, long enough to hold every story.
EXAMPLE_FLEET := --seed 16 --charge-points 8 --days 5 --disturb 0.08 --layout steve

# The program whose instructions are counted; an older build can be put in its place.
READ_LOG ?= target/release/examples/read_log
# The other tools of the comparison, in an environment of their own.
PEERS := target/bench/peers
FUZZERS := log frames envelope time packed soap
FUZZ_SECONDS ?= 60
# Our own code has no unsafe line outside of the Python module; with `address` the crates below are looked at as well.
FUZZ_SANITIZER ?= none

export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo test lint format bench bench-instructions fuzz damage notebooks readme docs site wheel wheel-test example deny full clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.native ## Install everything into .venv: the package, its command, the tools

$(VENV)/.tools: pyproject.toml
	@command -v cargo > /dev/null || { echo "a Rust toolchain is missing; see https://rustup.rs"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'maturin>=1.16,<2'
	touch $@

$(VENV)/.native: $(VENV)/.tools $(NATIVE)
	$(BIN)/maturin develop --release --extras dev
	touch $(VENV)/.package $@

# Without the tools of developers, which are most of what setup downloads.
$(VENV)/.package: $(VENV)/.tools $(NATIVE)
	$(BIN)/maturin develop --release --extras report
	touch $@

# The tests of the report look at it in a browser. Where none can be installed they are skipped, and say so.
$(VENV)/.browser: $(VENV)/.tools
	@if ! command -v chromium chromium-browser google-chrome chrome > /dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } > /dev/null || true; \
	fi; \
	if command -v chromium chromium-browser google-chrome chrome > /dev/null; then touch $@; else \
		echo "no Chromium, and none can be installed here: the tests of the report's page will be skipped"; fi

demo: $(VENV)/.package ## Install the package and what a report needs, and print the three tables of the bundled example log
	$(BIN)/ocpplog demo

test: setup $(VENV)/.browser ## Run all tests, those in Rust and those in Python
	cargo test --quiet
	$(BIN)/python -m pytest -q

lint: setup ## Check formats, lints, types and the stub of the native module
	@cargo fmt --version > /dev/null 2>&1 || rustup component add rustfmt || { echo "rustfmt is missing and cannot be installed here"; exit 1; }
	@cargo clippy --version > /dev/null 2>&1 || rustup component add clippy || { echo "clippy is missing and cannot be installed here"; exit 1; }
	cargo fmt --check
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet --all-targets --features python -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest ocpplog._native

format: setup ## Bring all sources into shape
	cargo fmt
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## Measure speed and memory on logs of 0.25 to 1 GB, and beside other tools (takes minutes and 2 GB of disk)
	cargo build --release --example fleet --example newlines
	$(BIN)/python benches/speed.py
	$(BIN)/python benches/kinds.py
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check orjson duckdb polars ocpp-lens
	$(BIN)/python benches/compare.py --peers $(PEERS)/bin/python --megabytes 300

bench-instructions: setup ## Count instructions a byte, which a busy machine does not change, and hold them against the record
	cargo build --release --quiet --example fleet --example read_log
	$(BIN)/python benches/instructions.py --reader $(READ_LOG)

fuzz: ## Let every fuzzer look for FUZZ_SECONDS (60) each; FUZZ_SANITIZER=address is slower and stricter
	@command -v cargo-fuzz > /dev/null || cargo install --locked cargo-fuzz
	@for target in $(FUZZERS); do \
		echo "fuzzing $$target"; mkdir -p target/fuzz fuzz/corpus/$$target; \
		$(if $(filter none,$(FUZZ_SANITIZER)),,RUSTC_BOOTSTRAP=1) cargo fuzz run --sanitizer $(FUZZ_SANITIZER) -O -a --codegen-units 16 --target-dir target/fuzz $$target \
			fuzz/corpus/$$target fuzz/seeds/$$target -- -dict=fuzz/words.dict -max_total_time=$(FUZZ_SECONDS) -timeout=20 \
			-rss_limit_mb=2048 -print_final_stats=1 2>&1 | tee target/fuzz/$$target.log | grep -E '^(DONE|Done|stat::number|SUMMARY)|panicked|ERROR' || true; \
		! ls fuzz/artifacts/$$target/* 2> /dev/null || exit 1; \
	done

damage: ## Damage a million small logs line by line, and read 20,000 of them the whole way (minutes)
	OCPPLOG_DAMAGED_LINES=1000000 OCPPLOG_DAMAGED_LOGS=20000 cargo test --release --quiet --test damage

notebooks: setup ## Run the notebooks again and store their outputs
	$(BIN)/python tests/python/notebooks.py

readme: setup ## Write the generated parts of README.md and of the guides again
	$(BIN)/python tests/python/readme.py

docs: setup ## Write the generated pages of docs/ again
	$(BIN)/python tests/python/docs.py

site: setup ## Build the site of the documentation into target/site, with warnings as errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "open target/site/index.html"

wheel: setup ## Build the wheel and the source distribution as they are published, into target/wheels
	$(BIN)/python tests/python/wheels.py build

wheel-test: wheel ## Build both once more, compare them byte by byte, and try the wheel in an empty environment (minutes)
	$(BIN)/python tests/python/wheels.py test

example: ## Make the bundled example log again
	rm -rf target/example
	cargo run --release --quiet --example fleet -- $(EXAMPLE_FLEET) --out target/example
	gzip -9 -n -c target/example/fleet.log > $(EXAMPLE)

deny: ## Check the licences and the known weaknesses of all crates
	@command -v cargo-deny > /dev/null || cargo install --locked cargo-deny
	cargo deny check

# The cases of bad input have their real sizes then.
full: export OCPPLOG_FULL := 1
full: lint test deny damage fuzz wheel-test bench ## Everything, the long checks as well

clean: ## Remove everything that was built
	rm -rf target $(VENV) python/ocpplog/*.so .pytest_cache .mypy_cache .ruff_cache .hypothesis
