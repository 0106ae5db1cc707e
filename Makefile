# Everything a developer or a user does. Each target works alone on a bare Debian 12 with git and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BINARY := build/release/stratalog

.PHONY: help build run demo test test-long fuzz helm deb image bench conformance format lint clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

build: ## release build: build/release/stratalog
	@scripts/setup.sh build
	@scripts/build.sh release stratalog

run: build ## start https://localhost:9200 with data in ./data
	@scripts/run.sh

demo: ## ship a few days of Kubernetes logs to the running server and show Discover's answer
	@scripts/setup.sh build bench
	@scripts/build.sh release bench/all
	@python3 bench/demo.py

test: ## all tests of a change: unit, end to end, chart, image, decoders under sanitizers, tidiness
	@scripts/setup.sh build test helm
	@scripts/test.sh

test-long: ## the same with more rounds, and all unit tests under sanitizers
	@scripts/setup.sh build test helm
	@scripts/test.sh long

helm: build ## the tests of the chart alone
	@scripts/setup.sh test helm
	@.venv/bin/python -m pytest -q -rs tests/helm

deb: build ## a Debian package: build/stratalog_*.deb
	@packaging/deb.sh

image: build ## container images: build/stratalog-tiny.oci.tar, build/stratalog-compat.oci.tar
	@scripts/setup.sh image
	@packaging/image.sh

fuzz: ## what reads bytes of others, on random input; SECONDS=60 for each target
	@scripts/setup.sh build lint
	@scripts/fuzz.sh $(or $(SECONDS),60)

bench: ## measure; PEER=URL runs the same against a real Elasticsearch; DOCS=1000000; QUIET=600
	@scripts/setup.sh build bench
	@scripts/build.sh release stratalog bench/all
	@python3 bench/run.py $(if $(PEER),--peer $(PEER)) $(if $(DOCS),--docs $(DOCS)) \
		$(if $(QUIET),--wait-for-quiet $(QUIET))

conformance: ## the published YAML REST tests; URL=... FOLDERS="bulk get"
	@scripts/setup.sh conformance $(if $(URL),,build)
	@$(if $(URL),,scripts/build.sh release stratalog)
	@.venv/bin/python tests/conformance/run.py $(if $(URL),--url $(URL)) $(if $(WIPE),--wipe) $(FOLDERS)

format: ## clang-format of every source
	@scripts/setup.sh lint
	@git ls-files '*.h' '*.cc' | xargs clang-format-19 -i

lint: ## clang-format without changes, then clang-tidy
	@scripts/setup.sh build lint
	@scripts/lint.sh

clean: ## remove builds, keep data
	rm -rf build
