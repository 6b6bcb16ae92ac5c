# `make run` and `make test` need Python 3.11 or newer and make; `make test` also needs Go, for grpcurl.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$p && break; done)
GRPCURL_VERSION := v1.9.3
BIN := .venv/bin
ARGS ?=
JOBS ?= auto
SECONDS ?= 60
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help run test quick torture check bench protos clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## Start the server; ARGS='--listen 127.0.0.1:50052' passes options.
	@$(BIN)/chat-grpc serve $(ARGS)

test: .venv/dev.stamp .tools/bin/grpcurl ## Run all tests; ARGS='-k name' picks some, JOBS=0 runs one at a time.
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

quick: .venv/dev.stamp .tools/bin/grpcurl ## Run the tests that are not marked slow, in less than 2 minutes.
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m 'not slow' $(ARGS)

torture: .venv/dev.stamp ## Torture the server for SECONDS; SEED=… repeats a run, ARGS='--faults clock' picks.
	@cd tests && ../$(BIN)/python -m torture --seconds $(SECONDS) --seed "$(SEED)" $(ARGS)

check: .venv/dev.stamp ## Check format, lint, types, contract, and generated code.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against protos/released.binpb
	$(BIN)/python scripts/make_stubs.py --check

bench: .venv/dev.stamp ## Measure this server beside others; ARGS='--quick' or '--only fair'.
	@$(BIN)/python bench/run.py $(ARGS)

protos: .venv/dev.stamp ## Generate chat_grpc/v1 from protos/.
	$(BIN)/buf format -w
	$(BIN)/python scripts/make_stubs.py

clean: ## Remove what the other targets installed and built.
	rm -rf .venv .tools bench/bin bench/out .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one or pass PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

.venv/run.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@ .venv/run.stamp

.tools/bin/grpcurl:
	@command -v go >/dev/null || { echo "make: no go found; it is needed to install grpcurl" >&2; exit 1; }
	GOBIN=$(CURDIR)/.tools/bin go install github.com/fullstorydev/grpcurl/cmd/grpcurl@$(GRPCURL_VERSION)
