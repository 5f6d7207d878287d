# quishmilter on Debian with Go 1.26 or later. The two commands to know:
#
#   make run     try it here: quishmilter beside a private Postfix, with sample mail (ONCE=1: end after the table)
#   make test    everything that is checked, the tests with a real Postfix included
#
# Both install what they need by apt (as root or through sudo). Long things are commands of their own:
# make bench, make soak, make faults, make hostile, make fuzz FUZZTIME=5m.

GO       ?= go
FUZZTIME ?= 30s
FAULT_MESSAGES ?= 1000

# Without the tag the picture libraries make the program dynamic and load codecs of the host.
TAGS  := -tags nodynamic
BUILD := CGO_ENABLED=0 $(GO) build -trimpath $(TAGS)

# Real mail, the race detector, systemd-analyze for the unit, a store to share, and the filters that read our fields.
TEST_PACKAGES := postfix gcc libc6-dev systemd redis-server dovecot-sieve rspamd spamassassin spamd spamass-milter procmail maildrop prometheus miltertest
RUN_PACKAGES  := postfix

.PHONY: build vulncheck man run test lint bench bench-history soak faults hostile fuzz clean go deps-test deps-run

# Beside the program: what it is made of (CycloneDX), and under which licences.
build: go
	$(BUILD) -o bin/quishmilter ./cmd/quishmilter
	@$(GO) run ./test/supply -sbom bin/quishmilter.cdx.json bin/quishmilter >bin/licences.txt

# Known vulnerabilities of what the program is made of.
vulncheck: build
	GO="$(GO)" scripts/vulncheck bin/quishmilter

# Manual pages and completions, made from the commands.
man: build
	bin/quishmilter man bin/man
	mkdir -p bin/completion
	for shell in bash zsh fish; do bin/quishmilter completion $$shell >bin/completion/quishmilter.$$shell || exit 1; done

run: deps-run build
	$(BUILD) -o bin/demo ./test/demo
	bin/demo $(if $(ONCE),-once)

# Cgo is for the race detector alone; the program that the tests run is built without either. Nothing is taken from
# Go's cache of results, which does not know that program.
test: deps-test build lint
	CGO_ENABLED=1 QUISHMILTER_BIN=$(CURDIR)/bin/quishmilter $(GO) test $(TAGS) -race -shuffle=on -count=1 -timeout 11m ./...

lint: go
	scripts/check-format
	$(GO) vet $(TAGS) ./...
	$(GO) tool staticcheck $(TAGS) ./...

bench: deps-run build
	$(BUILD) -o bin/bench ./test/bench
	$(BUILD) -o bin/noop ./test/bench/noop
	bin/bench $(BENCHFLAGS)
	$(MAKE) --no-print-directory bench-history

# A part of bench: the histories of 10 million senders (1.5 GB on the disk for a while), 64 sessions that record at once,
# on this host alone and through Redis, learning, commits beside 700 MB of free pages, and 20 kills. CPU time is printed
# beside, which other work on the machine does not change, and what the disk itself takes.
bench-history: deps-test
	$(GO) run ./test/history $(HISTORYFLAGS)
	$(GO) test $(TAGS) ./prevalence -run xxx -bench 'Sustained64|Shared64|Learn|Deliver' -benchtime 3s
	$(GO) test $(TAGS) ./state -run xxx -bench BesideFreePages -benchtime 200x
	QUISHMILTER_KILLS=20 $(GO) test $(TAGS) ./prevalence -count=1 -run KillUnderLoad -v

# 100,000 mixed messages: what the filter uses after each tenth, and an error where it grew beyond a bound after the first
# (SOAKFLAGS="-n 3000" for fewer).
soak: deps-run build
	$(BUILD) -o bin/soak ./test/soak
	bin/soak $(SOAKFLAGS)

# What happens when things break in the middle of traffic, counted over many messages; then a full disk, a killed daemon,
# many sessions, again and again. The step of the clock builds everything anew and takes minutes.
faults: deps-test build hostile
	QUISHMILTER_FAULT_MESSAGES=$(FAULT_MESSAGES) QUISHMILTER_BIN=$(CURDIR)/bin/quishmilter $(GO) test -tags "nodynamic faults" -count=1 -timeout 60m -v ./test/faults
	QUISHMILTER_BIN=$(CURDIR)/bin/quishmilter $(GO) test $(TAGS) -count=10 -timeout 60m -run 'Full|Kill|Drain|Many|State' ./test/e2e ./state ./control

# Forty messages that cost far more to read than to write, beside plain mail and large messages: time, memory, overload.
hostile: deps-run build
	$(BUILD) -o bin/hostile ./test/hostile
	QUISHMILTER_BIN=$(CURDIR)/bin/quishmilter bin/hostile $(HOSTILEFLAGS)

fuzz: go
	GO="$(GO)" scripts/fuzz "$(FUZZTIME)"

clean:
	rm -rf bin quishmilter

go:
	@command -v $(GO) >/dev/null || { echo "make: Go is missing: install Go 1.26 or later from https://go.dev/dl/" >&2; exit 1; }

deps-run: go
	@scripts/install-deps $(RUN_PACKAGES)

deps-test: go
	@scripts/install-deps $(TEST_PACKAGES)
