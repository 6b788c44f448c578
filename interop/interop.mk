# Real programs on our libraries.

.PHONY: demo interop autobahn record

PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
INTEROP_ENV = RELINK_BUILD="$(abspath $(BUILD))" RELINK_PROFILE="$(PROFILE)" RELINK_CC="$(CC)"

demo: ## real programs on our libraries, and a table of what happened
	@scripts/setup demo
	@$(MAKE) --no-print-directory all
	@$(INTEROP_ENV) $(PYTHON) interop/run demo

interop: all ## the example programs and Debian's with independent peers
	$(INTEROP_ENV) $(PYTHON) interop/run test

autobahn: all ## the Autobahn suite on every WebSocket front end (needs Python 2.7; not in CI)
	$(INTEROP_ENV) $(PYTHON) interop/autobahn

record: all ## interop, and what passed for docs/compatibility.md
	$(INTEROP_ENV) $(PYTHON) interop/run test --record
	$(MAKE) --no-print-directory headers
