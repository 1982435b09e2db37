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

.PHONY: build FORCE
build: $(LIBRARY)

# Moved into place: a program that has the old file mapped keeps it.
$(LIBRARY): FORCE
	cargo build --release --locked
	@cmp -s target/release/$(LIBRARY) $@ || { cp target/release/$(LIBRARY) $@.new && mv -f $@.new $@; }
