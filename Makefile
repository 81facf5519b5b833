# The front door. meson and ninja do the work; `make help` lists what there is.
BUILD ?= build
NINJA = ninja -C $(BUILD)

.DEFAULT_GOAL := all
.PHONY: deb bench accuracy all demo test test-names check soak lint fmt fuzz install clean help

$(BUILD)/build.ninja:
	@tools/install-packages build
	@meson setup $(BUILD) -Dtests=false >/dev/null

all: $(BUILD)/build.ninja          ## build the program: build/dialtone
	@$(NINJA)

demo: all                          ## boot twelve simulated phones in a private network, break three, explain them
	@$(BUILD)/dialtone lab

build-test/build.ninja:
	@tools/install-packages test
	@meson setup build-test -Dtests=true >/dev/null

test: build-test/build.ninja       ## build and run all tests
	@tools/install-packages test
	@ninja -C build-test
	@tools/run-tests build-test

test-names: build-test/build.ninja ## print every test's sentence, by room: the specification
	@ninja -C build-test >/dev/null
	@tools/test-names build-test

check:                             ## everything CI does beside `make test`
	@tools/install-packages check
	@tools/check

soak: build-test/build.ninja       ## the long lanes: hostile neighbours, kills, power cuts, fuzzing; SEED=, MINUTES=
	@tools/install-packages check
	@ninja -C build-test >/dev/null
	@tools/soak

lint: all                          ## rooms, clang-tidy, cppcheck
	@tools/install-packages check
	@tools/lint

fmt:                               ## format the sources in place
	@git ls-files 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.c' 'bench/*.c' | xargs clang-format-14 -i

fuzz:                              ## run each fuzz target for FUZZ_SECONDS (30) beyond its corpus
	@tools/install-packages check
	@tools/fuzz $${FUZZ_SECONDS:-30}

bench:                             ## measure against floor and rivals: promises kept? (minutes; BENCH="dhcp sccp", JSON=FILE)
	@tools/install-packages bench
	@tools/bench $(if $(JSON),--json $(JSON)) $(BENCH)

accuracy: all                      ## every fault of the theatre injected: docs/accuracy.md
	@tools/install-packages test
	@tools/accuracy $(BUILD)/dialtone

install: all                       ## install under DESTDIR and the prefix meson was set up with
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

deb:                               ## build the Debian package of what is committed: build-deb/*.deb
	@tools/install-packages deb
	@tools/deb

clean:                             ## remove all build directories
	@rm -rf build build-*

help:                              ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1\t/p' Makefile | expand -t 18
