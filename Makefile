# make          builds ./press and ./gate
# make test     installs what the tests need and runs all of them
# make serve    the example newsroom at http://127.0.0.1:1313/
GO ?= go
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2

CALM = (cmd/(press|gate)|internal/(audit|build|search|words))$$

.PHONY: all press gate serve need test acceptance e2e check golden fuzz bench clips ci clean

all: press gate

press:
	$(GO) build -o press ./cmd/press

# Without C: what serves the internet is one file that needs no other, and takes less memory.
gate:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o gate ./cmd/gate

serve:
	$(GO) run ./cmd/press serve

# What the tests try things with: a browser, a database, encoders, web servers that stand in
# front; on Debian, as root or with sudo. The browser without a desktop is faster, and is
# not to be had everywhere.
need:
	@./internal/testkit/need chromium postgresql pgbouncer nginx haproxy varnish npm webp ffmpeg poppler-utils
	-@./internal/testkit/need chromium-headless-shell

# The race detector where goroutines meet, and over builds after random edits; without it
# what is in CALM, which has much to do and whose goroutines are other packages', and the
# same edits again, eight times as many (-steps makes it thousands); the gate's
# acceptance suite, against a gate whose clock can be moved; the preview and the gate in a
# real browser.
test: need
	$(GO) test -race $$($(GO) list ./... | grep -v -E '$(CALM)')
	$(GO) test -race ./internal/build -run 'TestIncrementalEqualsClean|TestProveEmbargo'
	$(GO) test $$($(GO) list ./... | grep -E '$(CALM)')
	$(MAKE) acceptance
	$(MAKE) e2e
	$(MAKE) example

acceptance: need
	$(GO) test -tags gatetest -count=1 -timeout 20m -parallel 8 ./internal/gate/acceptance

e2e: need
	$(GO) test -tags e2e -run Browser -count=1 -parallel 4 ./internal/preview
	$(GO) test -tags e2e -count=1 -timeout 20m -parallel 4 ./internal/e2e

# What readers may expect of a page, measured: one table, and exit 1 when a goal is missed.
# Then the feeds and sitemaps of all test sites, by judges from outside.
.PHONY: audit
audit:
	@./internal/testkit/need chromium npm jing libxml2-utils default-jre-headless
	$(GO) run ./internal/audit $(AUDIT)
	$(GO) test -tags audit -run TestAudit -count=1 ./internal/build

# The example newsroom builds, is checked, and keeps its embargoes.
.PHONY: example
example:
	PRESS_IMAGES_ENCODER=off $(GO) run ./cmd/press build --prove-embargo -q -d "$${TMPDIR:-/tmp}/press-example/public" --closed "$${TMPDIR:-/tmp}/press-example/closed"
	PRESS_IMAGES_ENCODER=off $(GO) run ./cmd/press check -q

check:
	@test -z "$$(gofmt -l cmd deploy internal *.go)" || { gofmt -l cmd deploy internal *.go; echo "gofmt would change these"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags e2e ./internal/preview ./internal/e2e
	$(GO) vet -tags audit ./internal/build
	$(GO) vet -tags gatetest ./internal/gate/...
	$(STATICCHECK) ./...
	$(GO) mod tidy -diff

# Every test that keeps what it expects in a file writes that file anew; read the diff.
golden:
	@for p in $$(grep -rl --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u); do \
		$(GO) test $$p -update || exit 1; done

# A minute each; a finding lands in testdata/fuzz and stays as a test.
fuzz:
	@for t in node:FuzzYAML node:FuzzTOML content:FuzzParse content:FuzzMarkdown config:FuzzParse config:FuzzPermalinks; do \
		echo "$$t"; $(GO) test ./internal/$${t%%:*} -run xxx -fuzz "^$${t##*:}$$" -fuzztime 60s || exit 1; done

bench:
	$(GO) run ./internal/bench

# The gate beside PocketBase and nginx, what it takes, what outside testers say of it.
.PHONY: bench-gate
bench-gate:
	@./internal/testkit/need nginx wrk curl postgresql slowhttptest wapiti
	$(GO) run ./internal/benchgate

# Makes the clips, posters and masters of the example newsroom anew; needs ffmpeg.
clips:
	./internal/newsroom/make-clips.sh

ci: check test

clean:
	rm -rf press gate public closed gate-data
