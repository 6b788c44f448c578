# Installing and removing, as packagers expect: DESTDIR is honoured, nothing outside it is touched.

PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR     ?= $(LIBDIR)/cmake
MANDIR       ?= $(PREFIX)/share/man
BASHDIR      ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR       ?= $(PREFIX)/share/zsh/site-functions
FISHDIR      ?= $(PREFIX)/share/fish/vendor_completions.d

# A folder with these libraries only, under the names that programs ask for: relink run puts it in front of a
# program's search path without moving anything else there.
OWNDIR       := $(LIBDIR)/relink

installed_dir = $(LIBDIR)$(if $($(1)_SUBDIR),/$($(1)_SUBDIR))

# The names that compiled programs ask for: the linker's has no version.
asked_names = $(sort $($(1)_SONAME) $(filter-out %.so,$($(1)_LINKS)))

# @prefix@ and its like in templates. Paths below the prefix stay relative to it, so that
# pkg-config's --define-prefix works.
under_prefix = $(patsubst $(PREFIX)/%,$$$${prefix}/%,$(1))
SUBSTITUTE = sed \
  -e 's|@prefix@|$(PREFIX)|g' \
  -e 's|@libdir@|$(subst $$$$,$$,$(call under_prefix,$(LIBDIR)))|g' \
  -e 's|@includedir@|$(subst $$$$,$$,$(call under_prefix,$(INCLUDEDIR)))|g'

.PHONY: install uninstall $(OBJECTS:%=install-%) install-headers

install: $(OBJECTS:%=install-%) install-headers ## into $(DESTDIR)$(PREFIX)

install-headers:
	@for header in $(HEADERS); do \
	  $(INSTALL) -D -m 644 include/$$header "$(DESTDIR)$(INCLUDEDIR)/$$header" || exit 1; \
	done

define install_rules
install-$(1): $(call object_file,$(1)) $(if $($(1)_ARCHIVE),$(call object_dir,$(1))/$($(1)_ARCHIVE))
	$(INSTALL) -D -m 755 $(call object_file,$(1)) "$(DESTDIR)$(call installed_dir,$(1))/$($(1)_FILE)"
	@for name in $(filter-out $($(1)_FILE),$($(1)_SONAME) $($(1)_LINKS)); do \
	  ln -sf $($(1)_FILE) "$(DESTDIR)$(call installed_dir,$(1))/$$$$name" || exit 1; done
ifeq ($($(1)_SUBDIR),)
	@$(INSTALL) -d "$(DESTDIR)$(OWNDIR)"
	@for name in $(call asked_names,$(1)); do ln -sf ../$($(1)_FILE) "$(DESTDIR)$(OWNDIR)/$$$$name" || exit 1; done
endif
ifneq ($($(1)_ARCHIVE),)
	$(INSTALL) -D -m 644 $(call object_dir,$(1))/$($(1)_ARCHIVE) "$(DESTDIR)$(call installed_dir,$(1))/$($(1)_ARCHIVE)"
endif
ifneq ($($(1)_PC),)
	@$(INSTALL) -d "$(DESTDIR)$(PKGCONFIGDIR)"
	umask 022 && $(foreach module,$($(1)_PC),$$(SUBSTITUTE) src/$($(1)_ROOM)/$(module).pc.in > "$(DESTDIR)$(PKGCONFIGDIR)/$(module).pc" &&) true
endif
ifneq ($($(1)_CMAKE),)
	@$(INSTALL) -d "$(DESTDIR)$(CMAKEDIR)/$($(1)_CMAKE)"
	@umask 022 && for part in config config-version; do \
	  sed -e 's|@name@|$($(1)_CMAKE)|g' -e 's|@version@|$($(1)_VERSION)|g' \
	    -e 's|@libdir@|$(LIBDIR)|g' -e 's|@includedir@|$(INCLUDEDIR)|g' \
	    -e 's|@file@|$($(1)_FILE)|g' -e 's|@soname@|$($(1)_SONAME)|g' \
	    mk/cmake-$$$$part.in > "$(DESTDIR)$(CMAKEDIR)/$($(1)_CMAKE)/$($(1)_CMAKE)-$$$$part.cmake" || exit 1; done
endif

INSTALLED += $(addprefix $(call installed_dir,$(1))/,$($(1)_FILE) $(filter-out $($(1)_FILE),$($(1)_SONAME) $($(1)_LINKS)) $($(1)_ARCHIVE)) \
  $(if $($(1)_SUBDIR),,$(addprefix $(OWNDIR)/,$(call asked_names,$(1)))) \
  $($(1)_PC:%=$(PKGCONFIGDIR)/%.pc) \
  $(if $($(1)_CMAKE),$(foreach part,config config-version,$(CMAKEDIR)/$($(1)_CMAKE)/$($(1)_CMAKE)-$(part).cmake))
INSTALLED_DIRS += $(if $($(1)_CMAKE),$(CMAKEDIR)/$($(1)_CMAKE)) $(if $($(1)_SUBDIR),$(call installed_dir,$(1)))
endef

INSTALLED := $(HEADERS:%=$(INCLUDEDIR)/%)
INSTALLED_DIRS := $(OWNDIR) $(patsubst %/,%,$(filter-out $(INCLUDEDIR)/./,$(sort $(dir $(INSTALLED)))))
$(foreach object,$(OBJECTS),$(eval $(call install_rules,$(object))))

# The command, two of its subcommands under the names that others look for, and what the command says of itself:
# manual pages and completions. HOST_COMMAND is one that runs here, when COMMAND is for another machine.
HOST_COMMAND ?= $(COMMAND)

# Manual pages of the libraries' functions are made of the installed headers' own comments.
.PHONY: install-command install-pages
install: install-command install-pages
install-pages: core $(BUILD)/manifest.tsv
	@$(INSTALL) -d "$(DESTDIR)$(MANDIR)/man3"
	@umask 022 && $(HOST_COMMAND) man --functions-of $(BUILD)/manifest.tsv "$(DESTDIR)$(MANDIR)/man3"

install-command: core
	$(INSTALL) -D -m 755 $(COMMAND) "$(DESTDIR)$(BINDIR)/relink"
	@ln -sf relink "$(DESTDIR)$(BINDIR)/relink-waltham-scanner"
	@ln -sf relink "$(DESTDIR)$(BINDIR)/lwma"
	@$(INSTALL) -d $(foreach dir,$(MANDIR)/man1 $(BASHDIR) $(ZSHDIR) $(FISHDIR),"$(DESTDIR)$(dir)")
	@umask 022 && $(HOST_COMMAND) man "$(DESTDIR)$(MANDIR)/man1"
	@ln -sf relink-scan.1 "$(DESTDIR)$(MANDIR)/man1/relink-waltham-scanner.1"
	@ln -sf relink-archive.1 "$(DESTDIR)$(MANDIR)/man1/lwma.1"
	@umask 022 && $(HOST_COMMAND) completions bash > "$(DESTDIR)$(BASHDIR)/relink"
	@umask 022 && $(HOST_COMMAND) completions zsh > "$(DESTDIR)$(ZSHDIR)/_relink"
	@umask 022 && $(HOST_COMMAND) completions fish > "$(DESTDIR)$(FISHDIR)/relink.fish"
INSTALLED += $(BINDIR)/relink $(BINDIR)/relink-waltham-scanner $(BINDIR)/lwma $(MANDIR)/man1/lwma.1 \
  $(BASHDIR)/relink $(ZSHDIR)/_relink $(FISHDIR)/relink.fish

# Files that we install, and then the folders that only we use, when they are empty.
uninstall: ## what install put there
	@for file in $(INSTALLED); do rm -f "$(DESTDIR)$$file"; done
	@rm -f "$(DESTDIR)$(MANDIR)"/man1/relink.1 "$(DESTDIR)$(MANDIR)"/man1/relink-*.1
	@grep -ls '^\.\\" Page of .* from relink' "$(DESTDIR)$(MANDIR)"/man3/*.3 | while read -r page; do rm -f "$$page"; done
	@for dir in $(filter-out $(INCLUDEDIR),$(INSTALLED_DIRS)); do \
	  rmdir "$(DESTDIR)$$dir" 2>/dev/null || true; done
