# `make run` and `make test` need Python 3.11 or newer and make; `make test` also needs Go 1.26 or
# newer, Node.js and Cargo, for the test suites and clients of other implementations of gRPC, and
# Chromium, zsh, fish, jq and mandoc, which it installs by apt where it may.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$p && break; done)
GRPCURL_VERSION := v1.9.3
CONFORMANCE := connectrpc.com/conformance
CONFORMANCE_VERSION := v1.0.7
BIN := .venv/bin
PEERS := $(addprefix .tools/,bin/grpcurl bin/go-echo node-echo/node_modules bin/h2spec \
	bin/interop-client bin/stress-client bin/go-client bin/tonic-client bin/connectconformance \
	bin/chromium bin/bash bin/zsh bin/fish bin/mandoc bin/jq peers/interop.binpb \
	peers/conformance.binpb node/node_modules)
ARGS ?=
JOBS ?= auto
SECONDS ?= 60
SEED ?=

.DEFAULT_GOAL := help
.PHONY: help run tools test quick peers screenshots torture fuzz check audit bench protos web man clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## Start the server; ARGS='--port 50052' passes options.
	@$(BIN)/chat-grpc serve $(ARGS)

tools: .tools/bin/grpcurl ## Install .tools/bin/grpcurl, for the README's examples; needs Go, and takes minutes.

test: .venv/dev.stamp peers web/node_modules/.stamp ## Run all tests; ARGS='-k name' picks some, JOBS=0 runs one at a time.
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(ARGS)

quick: .venv/dev.stamp .tools/bin/grpcurl web/node_modules/.stamp ## Run the tests that are not marked slow, in less than 2 minutes.
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup -m 'not slow' $(ARGS)

peers: $(PEERS) ## Install the test suites and clients of other implementations that the tests run.

screenshots: .venv/dev.stamp .tools/bin/chromium ## Take the screenshots in docs/screenshots.
	@$(BIN)/python -m scripts.screenshots
	@PYTHONPATH=tests GRPC_ENABLE_FORK_SUPPORT=0 $(BIN)/python -m scripts.terminal_screenshots

torture: .venv/dev.stamp web/node_modules/.stamp ## Torture the server for SECONDS; SEED=… repeats it, ARGS='--transport grpcio' picks.
	@cd tests && ../$(BIN)/python -m torture --seconds $(SECONDS) --seed "$(SEED)" $(ARGS)

fuzz: .venv/fuzz.stamp ## Run random bytes through the HTTP/2 transport for SECONDS; ARGS='--only calls' picks.
	@cd tests && ../$(BIN)/python -m fuzz --seconds $(SECONDS) $(ARGS)

check: .venv/dev.stamp web/node_modules/.stamp ## Check format, lint, types, contract, generated code, the man page, and the built page.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/buf lint
	$(BIN)/buf format --diff --exit-code
	$(BIN)/buf breaking --against protos/released.binpb
	$(BIN)/python scripts/make_stubs.py --check
	$(BIN)/python scripts/make_man.py --check
	$(BIN)/python scripts/make_example_config.py --check
	cd web && npx tsc --noEmit
	cd web && node build.mjs --check

audit: .venv/bin/python ## Compare the dependencies with known vulnerabilities (pip-audit; needs pypi.org).
	@test -x .tools/audit/bin/pip-audit || { $(PYTHON) -m venv .tools/audit && \
	.tools/audit/bin/python -m pip install --quiet 'pip-audit>=2.10'; }
	.tools/audit/bin/pip-audit --strict .

bench: .venv/dev.stamp ## Measure this server beside others; ARGS='--quick' or '--only fair'.
	@$(BIN)/python bench/run.py $(ARGS)

web: web/node_modules/.stamp ## Build the page: chat_grpc/web from web/src.
	cd web && node build.mjs

protos: .venv/dev.stamp web/node_modules/.stamp ## Generate chat_grpc/v1 and web/src/gen from protos/.
	$(BIN)/buf format -w
	$(BIN)/python scripts/make_stubs.py

man: .venv/dev.stamp ## Make docs/man/chat-grpc.1 and examples/chat-grpc.toml from the help of the commands.
	$(BIN)/python scripts/make_man.py
	$(BIN)/python scripts/make_example_config.py

clean: ## Remove what the other targets installed and built.
	rm -rf .venv .tools web/node_modules bench/bin bench/out .mypy_cache .ruff_cache .pytest_cache

# Say in one line what is done, and how long it took. $(2) prints little, unless it fails.
step = @printf 'make: %s ... ' '$(1)'; start=$$(date +%s); $(2) || { echo 'failed' >&2; exit 1; }; \
	echo "$$(($$(date +%s) - start)) s"
PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check install

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "make: no Python 3.11 or newer found; install one or pass PYTHON=…" >&2; exit 1; }
	$(call step,making .venv with $(PYTHON),$(PYTHON) -m venv .venv)
	$(call step,updating pip in .venv,$(PIP) --upgrade 'pip>=25.1')

.venv/run.stamp: pyproject.toml | .venv/bin/python
	$(call step,installing the server and its packages into .venv,$(PIP) --editable .)
	@touch $@

.venv/dev.stamp: pyproject.toml | .venv/bin/python
	$(call step,installing the server and the packages of its tests into .venv,$(PIP) --editable . --group dev)
	@touch $@ .venv/run.stamp

.venv/fuzz.stamp: .venv/dev.stamp
	$(call step,installing the fuzzer into .venv,$(PIP) --group fuzz)
	@touch $@

need = @command -v $(1) >/dev/null || { echo "make: no $(1) found; $@ needs it" >&2; exit 1; }
web/node_modules/.stamp: web/package-lock.json web/package.json
	$(call need,npm)
	npm ci --prefix web --ignore-scripts --no-audit --no-fund
	@touch $@

# The test suites and clients of other implementations, which tests/peers runs.
# Build package $(1) of the module tests/peers/go, which pins the versions.
go_build = cd tests/peers/go && go build -o $(CURDIR)/$@ $(1)
GO_MODULE := tests/peers/go/go.mod tests/peers/go/go.sum

.tools/bin/grpcurl:
	$(call need,go)
	$(call step,building .tools/bin/grpcurl $(GRPCURL_VERSION),GOBIN=$(CURDIR)/.tools/bin \
		go install github.com/fullstorydev/grpcurl/cmd/grpcurl@$(GRPCURL_VERSION))

.tools/bin/h2spec: $(GO_MODULE)
	$(call need,go)
	$(call go_build,github.com/summerwind/h2spec/cmd/h2spec)

.tools/bin/interop-client: $(GO_MODULE)
	$(call need,go)
	$(call go_build,google.golang.org/grpc/interop/client)

.tools/bin/stress-client: $(GO_MODULE)
	$(call need,go)
	$(call go_build,google.golang.org/grpc/interop/stress/client)

.tools/bin/go-client: $(GO_MODULE) tests/peers/go/client/main.go
	$(call need,go)
	$(call go_build,./client)

.tools/bin/tonic-client: $(addprefix tests/peers/rust/,Cargo.toml Cargo.lock src/main.rs)
	$(call need,cargo)
	cargo install --quiet --locked --debug --path tests/peers/rust --root .tools --target-dir .tools/rust
	@touch $@

.tools/peers/interop.binpb: $(GO_MODULE) tests/peers/go/descriptors/main.go
	$(call need,go)
	@mkdir -p $(@D)
	cd tests/peers/go && go run ./descriptors > $(CURDIR)/$@.part
	@mv $@.part $@

.tools/bin/connectconformance:
	$(call need,go)
	GOBIN=$(CURDIR)/.tools/bin go install $(CONFORMANCE)/cmd/connectconformance@$(CONFORMANCE_VERSION)

.tools/peers/conformance.binpb: .tools/bin/connectconformance | .venv/dev.stamp
	@mkdir -p $(@D)
	module=$$(go mod download -json $(CONFORMANCE)@$(CONFORMANCE_VERSION) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p') && \
	$(BIN)/python -m grpc_tools.protoc -I$$module/proto --include_imports --descriptor_set_out=$@ \
		connectrpc/conformance/v1/service.proto connectrpc/conformance/v1/server_compat.proto

.tools/bin/chromium:
	scripts/link_program.sh $@ chromium chromium-browser google-chrome google-chrome-stable

.tools/bin/bash .tools/bin/zsh .tools/bin/fish .tools/bin/mandoc .tools/bin/jq:
	scripts/link_program.sh $@

.tools/bin/go-echo: $(wildcard examples/go/*.go examples/go/go.* examples/go/*.yaml) protos/chat_grpc/v1/chat.proto | .venv/dev.stamp
	$(call need,go)
	cd examples/go && $(CURDIR)/$(BIN)/buf generate && go build -o $(CURDIR)/$@ .

.tools/node-echo/node_modules: examples/node/package-lock.json examples/node/package.json
	$(call need,npm)
	@mkdir -p $(@D)
	cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund
	@touch $@

.tools/node/node_modules: tests/peers/js/package-lock.json tests/peers/js/package.json
	$(call need,npm)
	@mkdir -p $(@D)
	cp $^ $(@D)
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund
	@touch $@
