# What is checked. Each target does its own set-up and can be run alone.

.PHONY: test check valgrind tsan lint headers deny

CARGO_TEST_ENV = RELINK_BUILD="$(abspath $(BUILD))" RELINK_PROFILE="$(PROFILE)" RELINK_CC="$(CC)"

test: setup-test check valgrind interop ## everything below, with its set-up
	@echo "make test: all checks passed"

check: all ## unit, C, ELF, header, layout and installation checks
	$(CARGO_TEST_ENV) $(CARGO) test $(CARGOFLAGS) --lib --bins --tests --no-fail-fast
	$(CARGO_TEST_ENV) $(CARGO) test $(CARGOFLAGS) --doc

valgrind: all ## every C test under valgrind
	RELINK_VALGRIND=1 $(CARGO_TEST_ENV) $(CARGO) test $(CARGOFLAGS) --test capi

# ThreadSanitizer has to be in everything, the standard library included: that needs its source (rustup component add
# rust-src), switches of nightly, which RUSTC_BOOTSTRAP=1 allows on stable, and clang, which takes another runtime than
# its own. Not libdill: coroutines change stacks behind its back. Nor is it part of make test.
TSAN_ROOMS  ?= lwmsg waltham wslay libwebsockets
TSAN_HOST   = $(shell rustc -vV | sed -n 's/^host: //p')
TSAN_SYSROOT = $(shell rustc --print sysroot)/lib/rustlib
TSAN_RUNTIME = $(wildcard $(TSAN_SYSROOT)/$(TSAN_HOST)/lib/librustc*_rt.tsan.a)
TSAN_TARGET = $(abspath $(CARGO_TARGET_DIR))/tsan

tsan: ## every C test of TSAN_ROOMS with ThreadSanitizer (needs clang, and the rust-src component of rustup)
	@[ -d $(TSAN_SYSROOT)/src/rust/library ] || { echo "rustup component add rust-src" >&2; exit 1; }
	+RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=thread $(MAKE) all BUILD=$(BUILD)/tsan CARGO_TARGET_DIR=$(TSAN_TARGET) \
	  TARGET=$(TSAN_HOST) CARGOFLAGS="$(CARGOFLAGS) -Zbuild-std" HARDENING=-Wl,-z,undefs DEBUG_SYMBOLS=yes
	for room in $(TSAN_ROOMS); do \
	  RELINK_TSAN=$(TSAN_RUNTIME) TSAN_OPTIONS=exitcode=97 RELINK_BUILD="$(abspath $(BUILD))/tsan" RELINK_CC=clang \
	    RELINK_CXX=clang++ $(CARGO) test $(CARGOFLAGS) --test capi -- $$room/ || exit 1; done

headers: $(BUILD)/manifest.tsv ## write include/ and the generated pages of docs/ anew from the rooms
	RELINK_BLESS=1 $(CARGO_TEST_ENV) $(CARGO) test $(CARGOFLAGS) --test headers --test waltham_headers --test compatibility --test docs -- fresh

lint: setup-lint deny $(BUILD)/manifest.tsv ## format, clippy, rustdoc, licences and advisories, header freshness
	$(CARGO) fmt --check
	$(CARGO) clippy $(CARGOFLAGS) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" $(CARGO) doc $(CARGOFLAGS) --no-deps --document-private-items
	$(CARGO_TEST_ENV) $(CARGO) test $(CARGOFLAGS) --test headers --test waltham_headers --test compatibility --test docs -- fresh

deny: ## licences, sources and withdrawn releases of every crate
	scripts/check-dependencies

# Debian packages and Python modules, by purpose: installed when root, named otherwise.
.PHONY: setup-build setup-test setup-lint setup-demo setup-bench setup-deb
setup-build setup-test setup-lint setup-demo setup-bench setup-deb: setup-%:
	@scripts/setup $*

# Fuzzing needs cargo-fuzz and takes FUZZ_SECONDS for each target; the tests replay the corpus only. The
# compiler's fuzzing switches are those of nightly, which RUSTC_BOOTSTRAP=1 allows on stable.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS := $(notdir $(basename $(wildcard fuzz/fuzz_targets/*.rs)))

.PHONY: fuzz bench $(FUZZ_TARGETS:%=fuzz-%)
fuzz: $(FUZZ_TARGETS:%=fuzz-%) ## every fuzz target, FUZZ_SECONDS each (needs cargo-fuzz)

# Findings go to a working corpus: fuzz/corpus holds the chosen few.
$(FUZZ_TARGETS:%=fuzz-%): fuzz-%:
	@mkdir -p $(BUILD)/fuzz/$*
	RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run $* $(abspath $(BUILD))/fuzz/$* fuzz/corpus/$* -- -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=20 -close_fd_mask=2

bench: setup-bench all ## speed and instruction counts against the originals
	RELINK_BUILD="$(abspath $(BUILD))" RELINK_CC="$(CC)" $(PYTHON) benches/run

# The book. Where there is no mdbook it is installed into the build tree.
MDBOOK ?= $(or $(shell command -v mdbook),$(BUILD)/tools/bin/mdbook)

.PHONY: book
book: $(if $(filter $(BUILD)/%,$(MDBOOK)),$(MDBOOK)) ## the documentation as pages, build/book/index.html
	$(MDBOOK) build docs

$(BUILD)/tools/bin/mdbook:
	$(CARGO) install --quiet --locked --no-default-features --root $(BUILD)/tools --target-dir $(BUILD)/tools/target mdbook
	rm -rf $(BUILD)/tools/target
