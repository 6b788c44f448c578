# relink: builds, installs and tests drop-in replacements of legacy C messaging libraries.
#
#   make                  the shared objects, static archives and headers, in build/
#   make install          PREFIX=/usr/local DESTDIR= LIBDIR= INCLUDEDIR= …
#   make demo             real programs on our libraries, and a table of what happened
#   make test             everything that is checked; make help lists the rest

# A library a room: src/<name>/room.mk says what it consists of.
LIBRARIES := wslay waltham libdill libwebsockets lwmsg

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR    ?=

# For another machine: TARGET is cargo's name for it, CROSS_COMPILE what its tools' names begin with.
TARGET        ?=
CROSS_COMPILE ?=

CARGO      ?= cargo
# make has values of its own for these.
ifneq ($(CROSS_COMPILE),)
CC         := $(if $(filter default,$(origin CC)),$(CROSS_COMPILE)gcc,$(CC))
AR         := $(if $(filter default,$(origin AR)),$(CROSS_COMPILE)ar,$(AR))
LD         := $(if $(filter default,$(origin LD)),$(CROSS_COMPILE)ld,$(LD))
endif
OBJCOPY    ?= $(CROSS_COMPILE)objcopy
NM         ?= $(CROSS_COMPILE)nm
READELF    ?= $(CROSS_COMPILE)readelf
INSTALL    ?= install
PROFILE    ?= release
BUILD      ?= build
CARGOFLAGS ?=

CARGO_TARGET_DIR ?= target
PROFILE_DIR := $(if $(TARGET),$(TARGET)/)$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
# What cargo's own build scripts and linker calls take.
ifneq ($(TARGET),)
target_name := $(subst -,_,$(TARGET))
export CC_$(target_name) := $(CC)
export AR_$(target_name) := $(AR)
export CARGO_TARGET_$(shell echo $(target_name) | tr a-z A-Z)_LINKER := $(firstword $(CC))
endif
# Where things were built stays out of what is built, so that the same source gives the same bytes in any folder.
# Daily work keeps cargo's own settings, so that cargo and make share what they compile.
ifneq ($(PROFILE),dev)
CARGO_HOME ?= $(HOME)/.cargo
REMAPPED := $(CARGO_HOME)/registry/src=/usr/src/crates $(CURDIR)=/usr/src/relink \
  $(abspath $(CARGO_TARGET_DIR))=/usr/src/relink/target
REMAP    := $(REMAPPED:%=--remap-path-prefix=%)
# Flags of the environment replace those of cargo's configuration, so that ours have to go where they are.
comma    := ,
empty    :=
REMAPPING_CARGO = $(if $(RUSTFLAGS),RUSTFLAGS="$(RUSTFLAGS) $(REMAP)" $(CARGO),$(CARGO) \
  --config 'build.rustflags=[$(subst $(empty) ,$(comma),$(REMAP:%="%"))]')
else
REMAPPING_CARGO = $(CARGO)
endif

CORE    := $(CARGO_TARGET_DIR)/$(PROFILE_DIR)/librelink.a
COMMAND := $(CARGO_TARGET_DIR)/$(PROFILE_DIR)/relink

MACHINE := $(shell $(CC) -dumpmachine)
# On x86-64 the dynamic loader itself is called for thread-local storage, and is therefore needed.
LOADER  := $(if $(filter x86_64-%,$(MACHINE)),ld-linux-x86-64.so.2)

include $(LIBRARIES:%=src/%/room.mk)

OBJECTS := $(foreach room,$(LIBRARIES),$($(room)_OBJECTS))
HEADERS := $(foreach room,$(LIBRARIES),$($(room)_HEADERS))

include mk/objects.mk
include mk/install.mk
include interop/interop.mk
include mk/check.mk
include mk/packages.mk

.DEFAULT_GOAL := all
.PHONY: all clean help core
.DELETE_ON_ERROR:

all: $(ALL_SHARED) $(ALL_STATIC) $(BUILD)/manifest.tsv ## the shared objects and static archives

# Cargo decides what is stale. The archive's time stamp moves only when it was made anew. Who installs what is built
# already, root as a rule, may have no cargo.
core:
	@if command -v "$(CARGO)" >/dev/null || [ ! -e $(CORE) ]; then \
	  (set -x; $(REMAPPING_CARGO) build $(CARGOFLAGS) $(TARGET:%=--target %) --profile $(PROFILE)) || \
	    { echo "If something of the system is missing above: make setup-build installs or names it." >&2; exit 1; }; \
	else echo "$(CARGO) is not to be found: taking $(CORE) as it is"; fi
$(CORE): core ;

clean: ## remove everything that was built
	rm -rf $(BUILD)
	$(CARGO) clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
