# The front door. `make help` lists the verbs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# release for what people run, debug for tests.
CONFIGURATION ?= release
ARGS ?=
# How long each fuzz target runs, and which: all of them by default.
SECONDS ?= 60
TARGETS ?=

SWIFT_FILES := git ls-files --cached --others --exclude-standard '*.swift'
C_FILES := git ls-files --cached --others --exclude-standard 'bpf/*.c' 'bpf/*.h' 'Fuzzing/*.c' 'Fuzzing/*.h'

.PHONY: help deps build run test test-deep fuzz check format protos accuracy names kernels store-day store-crash

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

deps: ## install the Debian packages that are missing (needs root once)
	@scripts/install-deps.sh build

build: deps ## build the hearth program
	swift build -c $(CONFIGURATION) --product hearth --static-swift-stdlib

run: build ## build and start the node daemon with its page; ARGS="…" are its flags
	@scripts/run-as-root.sh .build/$(CONFIGURATION)/hearth agent $(ARGS)

test: ## what CI runs on every commit
	@scripts/install-deps.sh build test
	@$(MAKE) --no-print-directory check
	scripts/test.sh

test-deep: ## the long tier: systemd in a container, kill -9 by the hundred, overhead, budget, fuzzing
	@scripts/install-deps.sh build test deep
	scripts/test-deep.sh

fuzz: ## hostile bytes for all that reads them, each target for SECONDS=60; TARGETS="…" are some
	@scripts/install-deps.sh build
	scripts/fuzz.sh $(SECONDS) $(TARGETS)

accuracy: build ## hold stacks against programs that know their own; writes docs/ACCURACY.md's table
	@scripts/install-deps.sh accuracy
	scripts/accuracy.py --markdown docs/ACCURACY.md

names: build ## hold names, inlined functions and lines to what other tools say; writes docs/ACCURACY.md
	@scripts/install-deps.sh accuracy names
	scripts/names.py --demand --markdown docs/ACCURACY.md

kernels: build ## boot Debian's 6.1, 6.12 and newest kernels in QEMU: BPF loads, stacks are exact
	@scripts/install-deps.sh kernels
	scripts/test-kernels.sh

store-day: ## the store on a synthetic day: bytes a sample, ingest, query times
	@scripts/install-deps.sh build
	Benchmarks/store/run.sh

store-crash: ## kill a process that writes to a store 200 times: nothing acknowledged is lost or doubled
	@scripts/install-deps.sh build
	swift build -c release --package-path Benchmarks/store --scratch-path .build/store-benchmark
	scripts/test-store-crash.py

check: ## format lint, layers, banned names (warnings are errors in every build)
	@swift format lint --strict --parallel --configuration .swift-format $$($(SWIFT_FILES))
	@clang-format --dry-run -Werror $$($(C_FILES))
	@scripts/check-layers.py
	@scripts/check-names.sh
	@echo "check: clean"

format: ## rewrite sources in the house style
	@swift format format --in-place --parallel --configuration .swift-format $$($(SWIFT_FILES))
	@clang-format -i $$($(C_FILES))

protos: ## write the Swift of Sources/*/proto again
	@scripts/install-deps.sh build protos
	scripts/protos.sh
