# The commands of everyday work; `make` lists them. The work is done in scripts/.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup serve dev test test-long bench lint audit fmt

help: ## List the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

serve: ## Build the site and serve it on http://127.0.0.1:3000
	@exec scripts/serve $(ARGS)

dev: ## Serve, and rebuild and reload when a file changes
	@exec scripts/dev $(ARGS)

test: ## Run all tests; some of them with e.g. SUITES="unit e2e"
	@exec scripts/test $(SUITES)

test-long: ## Run for minutes what finds more the longer it runs
	@exec scripts/test-long $(SUITES)

bench: ## Measure what a lesson page weighs
	@exec scripts/bench $(ARGS)

fmt: ## Format the source
	@. scripts/env && cargo fmt

lint: ## Check the licences and sources of the dependencies
	@scripts/setup lint && . scripts/env && cargo deny check bans licenses sources

audit: ## Check the dependencies for known faults, with the advisory database of the day
	@scripts/setup lint && . scripts/env && cargo deny check advisories

setup: ## Only install what is missing
	@scripts/setup test
