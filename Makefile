# What each target does: make help

LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: help run test check promises soak bench compat

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

run: ## start everything with the carrier simulator, nothing to sign up for
	go run ./cmd/waypost serve --demo

test: ## all tests, on both databases and in a browser, with the race detector; every benchmark once
	@tools/with-parts tools/test

check: ## format, vet, static checks
	@test -z "$$(gofmt -l .)" || { gofmt -l . | sed 's/^/not gofmt-clean: /'; exit 1; }
	go vet ./...
	$(LINT) run

promises: ## the tests that hold what the privacy policy promises: none skipped, and each fails without
	@tools/with-parts go test -count=1 -timeout 14m ./internal -run Promise -promises

soak: ## the tests again with the large counts: crashes, load; writes docs/soak.md
	@tools/with-parts tools/soak

bench: ## figures as ratios against bare baselines; writes docs/performance.md, docs/freshness.md
	@WAYPOST_TEST_DISK=yes tools/with-parts tools/bench

compat: ## others' clients of the Tracking API against this one: CLIENTS=folder of checkouts; writes docs/compatibility.md
	@tools/compat "$(CLIENTS)"
