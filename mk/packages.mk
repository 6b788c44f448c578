# What distributions take: a source archive with every crate in it, and Debian packages.

.PHONY: dist dist-test

dist: ## a source archive that builds offline, build/relink-<version>.tar.xz
	@BUILD="$(BUILD)" CARGO="$(CARGO)" scripts/dist

dist-test: ## is it the same every time, does it build without a network, to the same bytes in any folder?
	@BUILD="$(BUILD)" CARGO="$(CARGO)" scripts/dist-test

# What the packages need to know beside the manifest.
$(BUILD)/packages.tsv: Makefile mk/packages.mk $(LIBRARIES:%=src/%/room.mk)
	$(shell mkdir -p $(@D))$(file >$@,# object version)
	$(foreach object,$(OBJECTS),$(file >>$@,$(object)$(TAB)$($(object)_VERSION)))

debian/control: debian/generate debian/changelog $(BUILD)/manifest.tsv $(BUILD)/packages.tsv
	@debian/generate control $(BUILD) > $@

.PHONY: deb deb-test
deb: setup-deb debian/control ## Debian packages, in build/packages; PROFILE=dev makes them quickly
	@BUILD="$(BUILD)" PROFILE="$(PROFILE)" CARGO="$(CARGO)" scripts/deb

deb-test: deb ## installs them in a clean Debian root, uses them, and removes them again
	@BUILD="$(BUILD)" scripts/deb-test
