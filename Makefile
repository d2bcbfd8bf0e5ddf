# The commands for daily work; `make` lists them. They call scripts/.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup serve dev test test-long bench lint audit fmt

help: ## List the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

serve: ## Build the site and serve it on http://127.0.0.1:3000
	@exec scripts/serve $(ARGS)

dev: ## Serve the site; rebuild and reload when a file changes
	@exec scripts/dev $(ARGS)

test: ## Run all test suites, or some: make test SUITES="unit e2e"
	@exec scripts/test $(SUITES)

test-long: ## Run randomized tests and load tests for minutes
	@exec scripts/test-long $(SUITES)

bench: ## Measure the transfer size and throughput of a lesson page
	@exec scripts/bench $(ARGS)

fmt: ## Format the source
	@. scripts/env && cargo fmt

lint: ## Check the licenses and sources of the dependencies
	@scripts/setup lint && . scripts/env && cargo deny check bans licenses sources

audit: ## Check the dependencies against the current advisory database
	@scripts/setup lint && . scripts/env && cargo deny check advisories

setup: ## Install missing tools
	@scripts/setup test
