# peakday. `make` lists what there is.

.DEFAULT_GOAL := help
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.1

.PHONY: help demo build test test-quick test-arm64 lint format bench fuzz ci clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## play a simulated Double 11 and serve it on 127.0.0.1:8080
	go run ./cmd/peakday demo

build: ## build bin/peakday
	go build -trimpath -o bin/peakday ./cmd/peakday

test: ## every test, with the race detector and real PostgreSQL and Redis
	.ci/services go test -race -timeout 30m ./...

test-quick: ## the tests that need no service
	go test -timeout 30m ./...

test-arm64: ## the tests of vector search and towers for arm64, emulated by qemu-user-static
	for p in ann tower; do \
		GOARCH=arm64 go test -c -o bin/$$p-arm64.test ./recommend/$$p && \
		(cd recommend/$$p && qemu-aarch64-static ../../bin/$$p-arm64.test) || exit 1; \
	done

lint: ## vet, staticcheck and the formatting check
	go vet ./...
	GOARCH=arm64 go vet ./recommend/...
	go run $(STATICCHECK) ./...
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted (make format):"; echo "$$unformatted"; exit 1; }

format: ## format the code
	gofmt -w .

bench: ## each benchmark once, so that none rots
	go test -run '^$$' -bench . -benchtime 1x ./...

fuzz: ## each fuzz target for a few seconds
	.ci/fuzz 5s

ci: ## what CI runs
	.ci/run

clean: ## remove what was built
	rm -rf bin
