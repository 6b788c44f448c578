# One static archive of Rust becomes a shared object and a static archive for each legacy name.
#
# A room lists its objects in <room>_OBJECTS and describes each by
#   <object>_ROOM      the room's folder in src/
#   <object>_FILE      the real file
#   <object>_SONAME    the name programs were linked with
#   <object>_LINKS     further names that point to it
#   <object>_SYSLIBS   the system libraries it may need
#   <object>_NEEDED    the sonames it must need, exactly (checked)
#   <object>_PC        its pkg-config modules (from src/<room>/<module>.pc.in), with <object>_VERSION
#   <object>_CMAKE     its CMake package and target
#   <object>_SUBDIR    a private folder below the library folder, if it is not for the linker's path
#   <object>_ARCHIVE   its static archive, if it has one
# A room's headers are <room>_HEADERS, below include/; it may name further <room>_DIALECTS that they compile in,
# and the folders of include/ that its programs search, <room>_INCLUDES.
# src/<room>/<object>.exports lists its symbols, one a line. Nothing else is exported.

# Each object's folder in the build tree, and its files there.
object_dir    = $(BUILD)/lib$(if $($(1)_SUBDIR),/$($(1)_SUBDIR))
object_file   = $(call object_dir,$(1))/$($(1)_FILE)
object_exports = src/$($(1)_ROOM)/$(1).exports

HARDENING := -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
# Packagers keep line tables, for the debug packages they make themselves: make DEBUG_SYMBOLS=yes
DEBUG_SYMBOLS ?= $(if $(filter dev,$(PROFILE)),yes)
STRIP_DEBUG   := $(if $(DEBUG_SYMBOLS),,-Wl,--strip-debug)

define object_rules
$(BUILD)/gen/$(1).map: $(call object_exports,$(1))
	@mkdir -p $$(@D)
	@{ echo '{ global:'; sed 's/$$$$/;/' $$<; echo 'local: *; };'; } > $$@

# The originals have no symbol versions, so the script is anonymous. Never -Bsymbolic: exported data
# is copied into programs and must keep one address.
$(call object_file,$(1)): $(CORE) $(BUILD)/gen/$(1).map
	@mkdir -p $$(@D)
	$(CC) -shared -o $$@ -Wl,-soname,$($(1)_SONAME) \
	  -Wl,--version-script,$(BUILD)/gen/$(1).map -Wl,--no-undefined-version \
	  -Wl,--whole-archive $(CORE) -Wl,--no-whole-archive \
	  -Wl,--gc-sections -Wl,--as-needed $(HARDENING) $(STRIP_DEBUG) $(LDFLAGS) $($(1)_SYSLIBS)
	@cd $$(@D) && for name in $(filter-out $($(1)_FILE),$($(1)_SONAME) $($(1)_LINKS)); do \
	  ln -sf $($(1)_FILE) $$$$name; done

# The static archive: the collected code as one object in which only the exports are global, so that
# several of our archives, and other Rust code, can be linked into one program. Embedded bitcode of
# the standard library would not survive the merge.
$(BUILD)/gen/$(1).o: $(CORE) $(call object_exports,$(1))
	@mkdir -p $$(@D)
	$(LD) -r -o $$@ --gc-sections --force-group-allocation $$$$(sed 's/^/-u /' $(call object_exports,$(1))) \
	  --whole-archive $(CORE)
	$(OBJCOPY) --strip-debug --keep-global-symbols=$(call object_exports,$(1)) \
	  --remove-section=.llvmbc --remove-section=.llvmcmd $$@

$(if $($(1)_ARCHIVE),$(call object_dir,$(1))/$($(1)_ARCHIVE)): $(BUILD)/gen/$(1).o
	@mkdir -p $$(@D)
	rm -f $$@ && $(AR) rcsD $$@ $$<
endef

$(foreach object,$(OBJECTS),$(eval $(call object_rules,$(object))))

ALL_SHARED := $(foreach object,$(OBJECTS),$(call object_file,$(object)))
ALL_STATIC := $(foreach object,$(OBJECTS),$(if $($(object)_ARCHIVE),$(call object_dir,$(object))/$($(object)_ARCHIVE)))

# What the checks need to know of each object, one row an object.
TAB := $(shell printf '\t')
manifest_row = $($(1)_ROOM)$(TAB)$(1)$(TAB)$($(1)_FILE)$(TAB)$($(1)_SONAME)$(TAB)$($(1)_LINKS)$(TAB)$($(1)_SUBDIR)$(TAB)$($(1)_NEEDED)$(TAB)$($(1)_PC)$(TAB)$($(1)_CMAKE)$(TAB)$($(1)_ARCHIVE)$(TAB)$($($(1)_ROOM)_HEADERS)$(TAB)$($($(1)_ROOM)_DIALECTS)$(TAB)$($($(1)_ROOM)_INCLUDES)
$(BUILD)/manifest.tsv: Makefile mk/objects.mk $(LIBRARIES:%=src/%/room.mk)
	@mkdir -p $(@D)
	$(file >$@,# room object file soname links subdir needed pc cmake archive headers dialects includes)
	$(foreach object,$(OBJECTS),$(file >>$@,$(call manifest_row,$(object))))
