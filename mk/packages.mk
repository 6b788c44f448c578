# What distributions take: a source archive with every crate in it, and Debian packages.

.PHONY: dist dist-test

dist: ## a source archive that builds offline, build/relink-<version>.tar.xz
	@BUILD="$(BUILD)" CARGO="$(CARGO)" scripts/dist

dist-test: ## is it the same every time, does it build without a network, to the same bytes in any folder?
	@BUILD="$(BUILD)" CARGO="$(CARGO)" scripts/dist-test
