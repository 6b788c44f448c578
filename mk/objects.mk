# One static archive of Rust becomes a shared object and a static archive for each legacy name.
#
# A room lists its objects in <room>_OBJECTS and describes each by
#   <object>_ROOM      the room's folder in src/
#   <object>_FILE      the real file
#   <object>_SONAME    the name programs were linked with
#   <object>_LINKS     further names that point to it
#   <object>_SYSLIBS   the system libraries it may need
#   <object>_OPTIONAL  libraries it uses where they are there: names for -l, of which it then needs none (mk/optional.c)
#   <object>_NEEDED    the sonames it must need, exactly (checked)
#   <object>_BRINGS    sonames that the original needed and ours does not. Programs may use such a library without naming
#                      it, so the loader takes it along where it is there: DT_AUXILIARY
#   <object>_PC        its pkg-config modules (from src/<room>/<module>.pc.in), with <object>_VERSION
#   <object>_CMAKE     its CMake package and target
#   <object>_SUBDIR    a private folder below the library folder, if it is not for the linker's path
#   <object>_ARCHIVE   its static archive, if it has one
#   <object>_INSTEAD   functions that are other ones in this object: those the room has under relink_<version>_<name>,
#                      the version with _ for its dots
#   <object>_ABOVE     another object of the room that it stands on, if it is not made of the Rust archive: then it is
#                      linked from src/<room>/<object>.c and that object. The object below has its functions under
#                      relink_<name>, because a function that called its own name would find itself.
# A room's headers are <room>_HEADERS, below include/; it may name further <room>_DIALECTS that they compile in,
# and the folders of include/ that its programs search, <room>_INCLUDES.
# src/<room>/<object>.exports lists its symbols, one a line. Nothing else is exported.

# Each object's folder in the build tree, and its files there.
object_dir    = $(BUILD)/lib$(if $($(1)_SUBDIR),/$($(1)_SUBDIR))
object_file   = $(call object_dir,$(1))/$($(1)_FILE)
object_exports = src/$($(1)_ROOM)/$(1).exports
# Names that mean other functions in this object, each with its function.
instead       = $(foreach name,$($(1)_INSTEAD),$(name)=relink_$(subst .,_,$($(1)_VERSION))_$(name))
# The exports of the objects above one.
lent_exports  = $(foreach object,$(OBJECTS),$(if $(filter $(1),$($(object)_ABOVE)),$(call object_exports,$(object))))

HARDENING := -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
# Packagers keep line tables, for the debug packages they make themselves: make DEBUG_SYMBOLS=yes
DEBUG_SYMBOLS ?= $(if $(filter dev,$(PROFILE)),yes)
STRIP_DEBUG   := $(if $(DEBUG_SYMBOLS),,-Wl,--strip-debug)

# Every symbol that an object defines for others, and the version script that says so.
define symbol_rules
$(BUILD)/gen/$(1).symbols: $(call object_exports,$(1)) $(call lent_exports,$(1))
	@mkdir -p $$(@D)
	@{ cat $(call object_exports,$(1)); sed 's/^/relink_/' /dev/null $(call lent_exports,$(1)); } > $$@

$(BUILD)/gen/$(1).map: $(BUILD)/gen/$(1).symbols
	@{ echo '{ global:'; sed 's/$$$$/;/' $$<; echo 'local: *; };'; } > $$@
endef

# Optional libraries are needed as any other where mk/optional.c has no jump for the processor.
optional = $(if $(filter x86_64-% aarch64-%,$(MACHINE)),$($(1)_OPTIONAL))
optional_libraries = $(if $(call optional,$(1)),-ldl,$($(1)_OPTIONAL:%=-l%))

# Which functions it uses of its optional libraries: a link without them tells.
define optional_rules
$(BUILD)/gen/$(1).optional.h: $(CORE) $(BUILD)/gen/$(1).map
	@mkdir -p $$(@D)
	$(subst $$@,$$@.so,$(call link_core,$(1))) -Wl,--unresolved-symbols=ignore-all $(LDFLAGS) $($(1)_SYSLIBS)
	@for name in $($(1)_OPTIONAL); do \
	  file=$$$$($(CC) -print-file-name=lib$$$$name.so) && \
	  $(READELF) -d $$$$file | sed -n 's/.*(SONAME).*\[\(.*\)\]/LIBRARY("\1")/p' && \
	  $(NM) -D --defined-only $$$$file | sed 's/.* //; s/@.*//' | sort -u > $$@.defined && \
	  $(NM) -D --undefined-only $$@.so | sed 's/.* //; s/@.*//' | sort -u | \
	    comm -12 - $$@.defined | sed 's/.*/FUNCTION(&)/'; \
	done > $$@.new && grep -q '^FUNCTION' $$@.new && mv $$@.new $$@ && rm -f $$@.so $$@.defined

$(BUILD)/gen/$(1).optional.o: mk/optional.c $(BUILD)/gen/$(1).optional.h
	$(CC) $(CFLAGS) -O2 -fPIC -Wall -Wextra -Werror -I$(BUILD)/gen -DOPTIONAL_LIST='"$(1).optional.h"' \
	  -DOPTIONAL_EXPORT=$$$$(head -1 $(call object_exports,$(1))) \
	  -DOPTIONAL_EXPORT_NAME="\"$$$$(head -1 $(call object_exports,$(1)))\"" -c -o $$@ mk/optional.c
endef

# The originals have no symbol versions, so the script is anonymous. Never -Bsymbolic: exported data
# is copied into programs and must keep one address.
define link_core
$(CC) -shared -o $$@ -Wl,-soname,$($(1)_SONAME) $($(1)_BRINGS:%=-Wl,--auxiliary,%) \
	  -Wl,--version-script,$(BUILD)/gen/$(1).map -Wl,--no-undefined-version \
	  $$$$(sed 's/.*/-Wl,--defsym=relink_&=&/' /dev/null $(call lent_exports,$(1))) \
	  $(foreach pair,$(call instead,$(1)),-Wl,--defsym=$(pair)) \
	  -Wl,--whole-archive $(CORE) -Wl,--no-whole-archive \
	  -Wl,--gc-sections -Wl,--as-needed
endef

define object_rules
$(call object_file,$(1)): $(CORE) $(BUILD)/gen/$(1).map $(if $(call optional,$(1)),$(BUILD)/gen/$(1).optional.o)
	@mkdir -p $$(@D)
	$(call link_core,$(1)) $(if $(call optional,$(1)),$(BUILD)/gen/$(1).optional.o) \
	  $(HARDENING) $(STRIP_DEBUG) $(LDFLAGS) $(call optional_libraries,$(1)) $($(1)_SYSLIBS)
	$(call link_names,$(1))

$(if $(call optional,$(1)),$(call optional_rules,$(1)))

# The static archive: the collected code as one object in which only the exports are global, so that
# several of our archives, and other Rust code, can be linked into one program. Embedded bitcode of
# the standard library would not survive the merge; names that only collected code used would ask for
# libraries of others.
$(BUILD)/gen/$(1).o: $(CORE) $(BUILD)/gen/$(1).symbols
	$(LD) -r -o $$@ --gc-sections --force-group-allocation \
	  $$$$(sed 's/^/-u /' $(call object_exports,$(1)) $(call lent_exports,$(1))) --whole-archive $(CORE)
	$(if $(call lent_exports,$(1)),$(OBJCOPY) $$$$(sed 's/.*/--redefine-sym &=relink_&/' $(call lent_exports,$(1))) $$@)
	$(OBJCOPY) --strip-debug --strip-unneeded --keep-global-symbols=$(BUILD)/gen/$(1).symbols \
	  --remove-section=.llvmbc --remove-section=.llvmcmd $$@
endef

# An object of C above another: that one is found beside it wherever both are loaded from.
define upper_object_rules
$(BUILD)/gen/$(1).o: src/$($(1)_ROOM)/$(1).c $($($(1)_ROOM)_HEADERS:%=include/%)
	@mkdir -p $$(@D)
	$(CC) $(CFLAGS) -O2 -fPIC -fexceptions -Wall -Wextra -Werror -Iinclude -c -o $$@ $$<

$(call object_file,$(1)): $(BUILD)/gen/$(1).o $(BUILD)/gen/$(1).map $(call object_file,$($(1)_ABOVE))
	@mkdir -p $$(@D)
	$(CC) -shared -o $$@ -Wl,-soname,$($(1)_SONAME) $($(1)_BRINGS:%=-Wl,--auxiliary,%) -Wl,-rpath,'$$$$ORIGIN' \
	  -Wl,--version-script,$(BUILD)/gen/$(1).map -Wl,--no-undefined-version \
	  $$< $(call object_file,$($(1)_ABOVE)) -Wl,--as-needed $(HARDENING) $(STRIP_DEBUG) $(LDFLAGS)
	$(call link_names,$(1))
endef

define archive_rules
$(if $($(1)_ARCHIVE),$(call object_dir,$(1))/$($(1)_ARCHIVE)): $(BUILD)/gen/$(1).o
	@mkdir -p $$(@D)
	rm -f $$@ && $(AR) rcsD $$@ $$<
endef

link_names = @cd $$(@D) && for name in $(filter-out $($(1)_FILE),$($(1)_SONAME) $($(1)_LINKS)); do \
	  ln -sf $($(1)_FILE) $$$$name; done

$(foreach object,$(OBJECTS),$(eval $(call symbol_rules,$(object))))
$(foreach object,$(OBJECTS),$(eval $(call $(if $($(object)_ABOVE),upper_object_rules,object_rules),$(object))))
$(foreach object,$(OBJECTS),$(eval $(call archive_rules,$(object))))

ALL_SHARED := $(foreach object,$(OBJECTS),$(call object_file,$(object)))
ALL_STATIC := $(foreach object,$(OBJECTS),$(if $($(object)_ARCHIVE),$(call object_dir,$(object))/$($(object)_ARCHIVE)))

# What the checks need to know of each object, one row an object.
TAB := $(shell printf '\t')
manifest_row = $($(1)_ROOM)$(TAB)$(1)$(TAB)$($(1)_FILE)$(TAB)$($(1)_SONAME)$(TAB)$($(1)_LINKS)$(TAB)$($(1)_SUBDIR)$(TAB)$($(1)_NEEDED)$(TAB)$($(1)_PC)$(TAB)$($(1)_CMAKE)$(TAB)$($(1)_ARCHIVE)$(TAB)$($($(1)_ROOM)_HEADERS)$(TAB)$($($(1)_ROOM)_DIALECTS)$(TAB)$($($(1)_ROOM)_INCLUDES)$(TAB)$($(1)_ABOVE)$(TAB)$($(1)_OPTIONAL)$(TAB)$($(1)_BRINGS)
$(BUILD)/manifest.tsv: Makefile mk/objects.mk $(LIBRARIES:%=src/%/room.mk)
	$(shell mkdir -p $(@D))$(file >$@,# room object file soname links subdir needed pc cmake archive headers dialects includes above optional brings)
	$(foreach object,$(OBJECTS),$(file >>$@,$(call manifest_row,$(object))))
