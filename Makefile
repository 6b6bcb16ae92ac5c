# `make run` and `make test` need Python 3.11 or newer and make; `make test` also needs Go, for grpcurl.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$p && break; done)
GRPCURL_VERSION := v1.9.3
BIN := .venv/bin
ARGS ?=
SECONDS ?= 60
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help run test torture check bench protos clean

help: ## Shows this.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## Starts the server; ARGS='--listen 127.0.0.1:50052' passes options.
	@$(BIN)/chat-grpc serve $(ARGS)

test: .venv/dev.stamp .tools/bin/grpcurl ## Runs the tests; ARGS='-k name' picks some.
	@$(BIN)/python -m pytest $(ARGS)

torture: .venv/dev.stamp ## Tortures the server; SECONDS=1800 for long, SEED=… for what was.
	@cd tests && ../$(BIN)/python -m torture --seconds $(SECONDS) --seed "$(SEED)" $(ARGS)

check: .venv/dev.stamp ## The gate: format, lint, types, contract, generated code.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against protos/released.binpb
	$(BIN)/python scripts/make_stubs.py --check

bench: .venv/dev.stamp ## Measures this server beside others; ARGS='--quick' for a short run.
	@$(BIN)/python bench/run.py $(ARGS)

protos: .venv/dev.stamp ## Makes chat_grpc/v1 from protos/.
	$(BIN)/buf format -w
	$(BIN)/python scripts/make_stubs.py

clean: ## Removes what the other targets installed and built.
	rm -rf .venv .tools bench/bin bench/out .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed and was not found" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

.venv/run.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@ .venv/run.stamp

.tools/bin/grpcurl:
	@command -v go >/dev/null || { echo "make: go is needed to install grpcurl and was not found" >&2; exit 1; }
	GOBIN=$(CURDIR)/.tools/bin go install github.com/fullstorydev/grpcurl/cmd/grpcurl@$(GRPCURL_VERSION)
