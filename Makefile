# `make` builds the extension at the root; `make demo` shows it; `make test` tests it; `make check` is all of CI.

PYTHON ?= /usr/bin/python3
SQLITE3 ?= sqlite3
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
SHARE ?= $(PREFIX)/share/jarvis_stats
DB ?=
UNAME := $(shell uname -s)
ifeq ($(UNAME),Darwin)
LIBRARY := libjarvis_stats.dylib
else ifneq (,$(findstring NT,$(UNAME)))
LIBRARY := jarvis_stats.dll
else
LIBRARY := libjarvis_stats.so
endif
export PYTHON SQLITE3
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: build FORCE
build: $(LIBRARY) ## ./libjarvis_stats.so (.dylib, .dll)

# Moved into place: a program that has the old file mapped keeps it.
$(LIBRARY): FORCE
	cargo build --release --locked
	@cmp -s target/release/$(LIBRARY) $@ || { cp target/release/$(LIBRARY) $@.new && mv -f $@.new $@; }

.PHONY: demo doctor datasette
demo: build ## statistics of example data; DB=path/to/telemetry.db for your own file, which is only read
ifeq ($(strip $(DB)),)
	@mkdir -p target && rm -f target/demo.db && $(SQLITE3) target/demo.db < sql/demo.sql
	@$(SQLITE3) -bail -readonly target/demo.db < sql/demo_report.sql
	@echo && echo "The same for your own file: make demo DB=path/to/telemetry.db"
else
	@test -r "$(DB)" || { echo "make demo: no file $(DB)" >&2; exit 2; }
	@# A file without the table gets the extension's own sentence, not that of the report's first query.
	@$(SQLITE3) -readonly "$(DB)" ".load ./$(LIBRARY)" "SELECT 'empty' WHERE record_count() < 0"
	@$(SQLITE3) -bail -readonly "$(DB)" < sql/demo_report.sql
endif

doctor: build ## what is wrong with the data: DB=path/to/telemetry.db, which is only read, else the example
ifeq ($(strip $(DB)),)
	@mkdir -p target && rm -f target/demo.db && $(SQLITE3) target/demo.db < sql/demo.sql
	@$(SQLITE3) -bail -readonly target/demo.db < sql/doctor.sql
	@echo && echo "The same for your own file: make doctor DB=path/to/telemetry.db"
else
	@test -r "$(DB)" || { echo "make doctor: no file $(DB)" >&2; exit 2; }
	@$(SQLITE3) -bail -readonly "$(DB)" < sql/doctor.sql
endif

datasette: build ## a telemetry database in the browser: DB=path/to/telemetry.db, else the example
	@sql/datasette/serve.sh "$(DB)"

.PHONY: test test-rust test-peer test-truth test-reference test-oracles test-examples test-parquet test-readme bless
test: test-rust test-peer test-truth test-reference test-oracles test-examples test-readme ## the tests of every change: golden SQL, properties, OpenJarvis itself, README and docs

test-rust: build
	cargo test --release --locked

test-peer: build
	tests/peer/run.sh

test-reference:
	$(PYTHON) tests/peer/reference.py --check

test-oracles: build ## percentiles and sketches against SQLite's own, numpy, DuckDB, SciPy
	tests/oracles/run.sh

test-truth: test-peer ## the references of the measured figures against one another, on the peer's own rows too
	$(PYTHON) tests/truth/check.py
	$(PYTHON) tests/truth/extension.py

test-examples: build
	tests/data/examples.sh

test-parquet: ## the recipe for Parquet, with DuckDB
	tests/data/parquet.sh

test-readme: build
	$(PYTHON) tests/readme/check.py

bless: build ## rewrite expected results; read the difference before you commit it
	BLESS=1 cargo test --release --locked --test golden
	$(PYTHON) tests/peer/reference.py
	BLESS=1 tests/data/examples.sh

.PHONY: test-drivers test-hosts test-datasette test-rollups test-fleet fuzz fuzz-decode faults sanitize soak bench
.PHONY: bench-percentiles bench-rollups bench-check
test-drivers: build ## every driver, the same questions: ALL=1 also the heavy ones, ONLY=a,b, SHORT=1
	tests/drivers/run.sh

test-hosts: build ## the tests in Rust, golden SQL too, on many SQLite releases: SHORT=1 two of them, VERSIONS="3.31.1 ..."
	tests/releases/run.sh

test-datasette: build ## the dashboard and the saved questions in headless Chromium
	tests/datasette/run.sh

test-rollups: build ## random histories of a table with a roll-up, by several processes: TIME=10m
	tests/rollups/run.sh $(or $(TIME),60s)

test-fleet: build ## fifty files as one, by the shell, ATTACH, DuckDB and Spark: SHORT=1 without Spark
	tests/fleet/run.sh

fuzz: build ## random tables, random SQL and damaged files against an oracle: TIME=10m
	tests/fuzz/run.sh $(or $(TIME),60s)

fuzz-decode: ## bytes in place of sketches and stored groups, by libFuzzer: TIME=10m
	tests/fuzz/decode/run.sh $(or $(TIME),60s)

faults: build ## failing memory, files, locks, stops and panics at every point: SHORT=1, VALGRIND=1
	tests/faults/run.sh

sanitize: build ## 10,000 cycles, eight threads, valgrind, AddressSanitizer: SHORT=1
	tests/sanitize/run.sh

soak: build ## all of it at once beside a live writer: MINUTES=30
	tests/soak/run.sh $(or $(MINUTES),10)

bench: build ## against plain SQL, OpenJarvis, DuckDB and pandas: ROWS=10000000, QUICK=1
	benches/run.sh

bench-percentiles: build ## quantile and sketch against SQLite's own and DuckDB, frames of 100 to 100,000 rows
	benches/percentiles.sh

bench-rollups: build ## what a roll-up costs and saves: ROWS=10000000
	$(PYTHON) benches/rollups.py --rows $(or $(ROWS),1000000)

bench-check: build ## instructions per row against benches/instructions.txt; BLESS=1 rewrites it
	benches/check.sh

.PHONY: check needs format lint check-slow
check: needs format lint test check-slow ## all of CI

needs: ## what `make check` needs and this machine lacks; .ci/run installs it
	@.ci/needs

format:
	cargo fmt --check

lint:
	cargo clippy --release --locked --all-targets -- -D warnings
	cargo clippy --release --locked --features planted-faults -- -D warnings

# The short forms of the slow suites.
check-slow: build test-parquet
	SHORT=1 tests/drivers/run.sh
	SHORT=1 tests/releases/run.sh
	SHORT=1 tests/fleet/run.sh
	tests/rollups/run.sh 10s
	tests/fuzz/run.sh 25s
	SHORT=1 tests/faults/run.sh
	SHORT=1 tests/sanitize/run.sh
	SHORT=1 tests/soak/run.sh
	$(MAKE) --no-print-directory test-packages SHORT=1
	benches/check.sh

.PHONY: install uninstall dist bindings clean help
install: build ## to PREFIX=/usr/local; then `.load libjarvis_stats` works anywhere
	install -d "$(DESTDIR)$(LIBDIR)" "$(DESTDIR)$(SHARE)"
	install -m 755 $(LIBRARY) "$(DESTDIR)$(LIBDIR)/"
	install -m 644 sql/views.sql sql/datasette/metadata.yaml "$(DESTDIR)$(SHARE)/"
	@# The loader finds the bare name once its cache knows the file.
	@[ -n "$(DESTDIR)" ] || ! command -v ldconfig >/dev/null || ldconfig 2>/dev/null || true
	@echo "installed $(LIBDIR)/$(LIBRARY)"

uninstall:
	rm -f "$(DESTDIR)$(LIBDIR)/$(LIBRARY)" "$(DESTDIR)$(SHARE)/views.sql" "$(DESTDIR)$(SHARE)/metadata.yaml"

dist: build ## target/dist: an archive for this platform, checksums, sqlpkg.json
	@$(PYTHON) packages/pack.py --archive $(LIBRARY)

.PHONY: packages test-packages test-platforms
packages: ## target/packages: wheel, sdist, plugins, npm; PLATFORMS="linux-arm64 ..." built here, LIBRARIES="darwin-arm64=PATH ..." elsewhere
	@for platform in linux-x64 $(PLATFORMS); do \
	    library=$$(packages/build.sh $$platform) || exit; \
	    built="$$built $$platform=$$library"; \
	done; $(PYTHON) packages/pack.py $$built $(LIBRARIES)

test-platforms: ## the library built for other platforms, and run there under qemu, musl and wine
	tests/packages/platforms.sh

test-packages: packages ## every package installed from its file, without an index, and used: SHORT=1, ONLY=a,b
	tests/packages/run.sh

bindings: ## vendor/sqlite3ext-sys anew from SQLite's headers
	vendor/sqlite3ext-sys/regenerate.sh

clean:
	cargo clean
	rm -f $(LIBRARY)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-15s %s\n", $$1, $$2}' Makefile
