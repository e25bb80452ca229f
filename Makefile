# Everything a developer or an operator does, as one word each. `make help` lists them.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))) python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
OUT    ?= demo
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo run test check lint types contracts cover cover-pure bench window-memory soak cron-days cluster-crashes cluster-claims cluster-polls cluster-deliveries cluster-week cluster-takeover cluster-containers alert-kills fuzz fetch-bench audit lock imports drawings docs shots page-load first-paint clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

# uv installs from the lock file in parallel and refuses a file whose hash differs. Compiled at once: else the first run of each
# command pays for it, and every run where the environment forbids writing bytecode.
$(STAMP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.lock
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q aggregator feeds digests
	@touch $@

demo: $(STAMP)  ## the main job with no configuration and no network: a real digest in ./demo
	@$(BIN)/aggregator demo --out $(OUT)

run: $(STAMP)  ## the daemon with ./config.toml
	@$(BIN)/aggregator run

test: $(STAMP)  ## the test suite
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: lint types contracts docs test  ## everything CI holds: lint, types, import contracts, links of the docs, tests

lint: $(STAMP)  ## ruff, rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)  ## mypy, strict
	@$(BIN)/mypy

contracts: $(STAMP)  ## who may import whom
	@$(BIN)/lint-imports

cover: $(STAMP)  ## branch coverage: what is missing by file, then the shares of the pure modules and of each package
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report=term-missing:skip-covered --cov-report=json:.coverage.json
	@$(BIN)/python -m tests.branches .coverage.json

cover-pure: $(STAMP)  ## the same of the pure modules, by their own tests alone: half a minute
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --cov --cov-report= --cov-report=json:.coverage.json tests/aggregator/stories $(addprefix tests/feeds/test_,decide.py identity.py schedule.py urls.py) $(addprefix tests/digests/,test_choose.py test_schedule.py test_edition.py summarize/test_selection.py)
	@$(BIN)/python -m tests.branches .coverage.json pure

bench: $(STAMP)  ## the slow benchmarks; each prints a figure with its unit and its peer
	@$(BIN)/python -m tests.benchmarks

window-memory: $(STAMP)  ## bytes that the story window holds an article, by part: DOCS=articles.jsonl[.gz]
	@$(BIN)/python -m tests.benchmarks.grouping_memory $(DOCS)

MINUTES ?= 10
soak: $(STAMP)  ## the daemon under all attacks at once beside 200 honest feeds, for MINUTES
	@$(BIN)/python -m tests.benchmarks.soak --minutes $(MINUTES)

page-load: $(STAMP)  ## how long 50 readers wait for pages while the daemon polls 500 feeds
	@$(BIN)/python -m tests.benchmarks.page_load

first-paint: $(STAMP)  ## first contentful paint of the pages in Chromium
	@$(BIN)/python -m tests.benchmarks.first_paint

audit-pages: $(STAMP)  ## axe and the Nu checker on every page, at two widths, light and dark; needs npm and Java
	npm install --prefix .audit-pages --no-save --ignore-scripts axe-core@4 vnu-jar@26
	@$(BIN)/python -m tests.e2e.audit_pages --axe .audit-pages/node_modules/axe-core/axe.min.js \
		--vnu .audit-pages/node_modules/vnu-jar/build/dist/vnu.jar

# It asks a service for the known vulnerabilities of every locked package, so it needs the network and is not part of `check`:
# the same commit would pass today and fail tomorrow. Its own environment, so that it changes nothing in ours.
audit: requirements/audit.lock  ## known vulnerabilities of the locked packages; asks https://pypi.org/pypi directly
	@$(PYTHON) -m venv --clear .audit
	@.audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/audit.lock
	@for lock in default extras embeddings build installer docs dev; do .audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/$$lock.lock || failed=1; done; exit $${failed:-0}

cron-days: $(STAMP)  ## 250 recipients over ten days by commands alone, with a mail server that greylists, refuses and disconnects
	@$(BIN)/python -m tests.benchmarks.cron_days

cluster-crashes: $(STAMP)  ## kill workers of a cluster 40 times, disturb their network 40 times, and count; needs PostgreSQL
	@$(BIN)/python -m tests.benchmarks.cluster_crashes

cluster-claims: $(STAMP)  ## what a claim costs with 10,000 to 1,000,000 feeds on PostgreSQL
	@$(BIN)/python -m tests.benchmarks.cluster_claims

cluster-polls: $(STAMP)  ## feeds polled a second by one, two and four workers on PostgreSQL
	@$(BIN)/python -m tests.benchmarks.cluster_polls

cluster-deliveries: $(STAMP)  ## mails delivered a second by one, two and four workers on PostgreSQL
	@$(BIN)/python -m tests.benchmarks.cluster_deliveries

cluster-containers: $(STAMP)  ## run the compose file with podman and kill containers; without a registry: BASE=image
	@$(BIN)/python -m tests.benchmarks.cluster_containers $(if $(BASE),--base $(BASE))

DAYS ?= 7
cluster-week: $(STAMP)  ## 100,000 feeds over DAYS of simulated time on PostgreSQL: when polled, statements, bloat
	@$(BIN)/python -m tests.benchmarks.cluster_week --days $(DAYS)

cluster-takeover: $(STAMP)  ## load a window of 100,000 articles from PostgreSQL: DOCS=articles.jsonl[.gz]
	@$(BIN)/python -m tests.benchmarks.takeover $(DOCS)

alert-kills: $(STAMP)  ## kill a process that sends alerts 20 times at random moments, and count
	@$(BIN)/python -m tests.benchmarks.alert_crashes

# atheris is no dependency of anything else: it goes into the environment only here. SECONDS is for each target.
SECONDS ?= 300
fuzz: $(STAMP)  ## coverage-guided fuzzing of parse, dates, urls, decode, text, page, opml and others: SECONDS each
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/fuzz.lock
	@for target in parse dates urls decode text page opml newsletter sitemap selectors list robots; do \
		mkdir -p .fuzz/$$target && $(BIN)/python -m tests.benchmarks.fuzz $$target --seconds $(SECONDS) .fuzz/$$target || exit 1; done

# atheris 3.1 has no wheels for Python 3.11.
lock:  ## write the lock files again, with newer versions
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links --extra postgres --extra cluster --extra dkim --extra notify --extra pictures --group dev pyproject.toml -o requirements/dev.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/default.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links -c requirements/dev.lock --extra postgres --extra cluster --extra dkim --extra notify --extra pictures pyproject.toml -o requirements/extras.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links -c requirements/dev.lock --extra embeddings pyproject.toml -o requirements/embeddings.lock
	@echo hatchling | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links -c requirements/dev.lock - -o requirements/build.lock
	@echo pip-audit | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links - -o requirements/audit.lock
	@echo "atheris<3.1" | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links - -o requirements/fuzz.lock
	@echo zensical | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links - -o requirements/docs.lock
	@echo uv | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links - -o requirements/installer.lock

imports: $(STAMP)  ## draw who imports whom into docs/imports.svg
	@$(BIN)/python -m tests.draw_imports docs/imports.svg

drawings: $(STAMP)  ## draw how stories are formed and the gallery of the docs again, from the demo
	@$(BIN)/python -m tests.draw_stories docs
	@$(BIN)/python -m tests.gallery docs/gallery

# Its own environment: the generator of the site is no dependency of anything else.
.docs/.installed: $(STAMP) requirements/docs.lock
	@$(PYTHON) -m venv .docs
	@$(UV) pip install --quiet --python .docs/bin/python --require-hashes -r requirements/docs.lock
	@touch $@

docs: .docs/.installed  ## the documentation as a site, in ./site; fails on a link that leads nowhere
	@.docs/bin/zensical build --strict --clean

shots: $(STAMP)  ## draw the README's picture again: the demo's digest in Chromium, desktop and phone, light and dark
	@$(BIN)/python -m tests.shots docs/digest.png

dist: $(STAMP)  ## the wheel and the source archive in ./dist, checked
	@rm -rf dist
	@$(BIN)/python -m hatchling build
	@$(BIN)/python -m pytest -q tests/e2e/test_wheel.py

man: $(STAMP)  ## manual pages of all commands in ./dist/man
	@$(BIN)/python -m tests.docs.man dist/man

# As root; STORAGE_DRIVER=vfs where podman cannot mount overlays.
WAYS ?= demo tools laptop service container upgrade
transcripts: $(STAMP)  ## install, run, upgrade and move as a new user does, timed; skips what the machine has no tool for: WAYS
	@$(BIN)/python -m tests.e2e.transcripts $(WAYS) --out docs/transcripts.md

clean-machine: $(STAMP)  ## both commands of the README on a fresh Debian that reaches only the package index; as root
	@$(BIN)/python -m tests.e2e.transcripts readme

sbom: $(STAMP)  ## bills of materials of the default installation and of that with extras in ./dist
	@$(BIN)/python -m tests.docs.sbom requirements/default.lock dist/sbom-default.cdx.json
	@$(BIN)/python -m tests.docs.sbom requirements/extras.lock dist/sbom-extras.cdx.json

clean:  ## remove what the build and the demo made
	@rm -rf $(VENV) $(OUT) build dist site .docs .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .audit
