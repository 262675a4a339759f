# `make` lists the targets. Everything is installed into .venv, and what the tests of OCR
# need besides into .venv-ocr; nothing else is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.stamp-run
DEV_STAMP := $(VENV)/.stamp-dev
OCR_VENV := .venv-ocr
OCR_STAMP := $(OCR_VENV)/.stamp
PIP_QUIETLY := -m pip --disable-pip-version-check --quiet
PIP := $(BIN)/python $(PIP_QUIETLY)
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe \
	$(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help run stack migrate install test test-unit test-contract test-integration test-e2e \
	test-ops test-stack test-api-fuzz test-ocr test-full test-rabbitmq4 cov check lint types imports verify docs fmt bench browser servers lock clean

help:  ## list the targets
	@echo "Docmill: make run (PORT=9000 for another port, ONCE=1 to end after the batch)"
	@sed -n 's/^\([a-z0-9-]*\):.*  ## \(.*\)/  \1|\2/p' Makefile \
		| awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: $(RUN_STAMP)  ## start the service here and process the sample batch
	@$(BIN)/docmill demo --samples samples \
		$(if $(filter-out 0,$(ONCE)),--once) $(if $(PORT),--port $(PORT))

stack: $(RUN_STAMP)  ## start every role apart, with RabbitMQ and PostgreSQL (PORT=, DATA=)
	@$(BIN)/python -m tools.stack $(if $(PORT),--port $(PORT)) \
		$(if $(DATA),--data $(DATA)) $(if $(STORE),--store $(STORE))

migrate: $(RUN_STAMP)  ## bring the database to the newest schema
	@$(BIN)/docmill migrate

install: $(DEV_STAMP)  ## install what development needs

test: $(DEV_STAMP) $(OCR_STAMP) browser servers  ## run all tests, with the coverage gates
	@$(BIN)/python tools/run_tests.py unit contract integration ops e2e stack api-fuzz ocr

test-unit test-contract test-integration test-ops test-e2e test-stack test-api-fuzz test-ocr: $(DEV_STAMP)
	@$(BIN)/python tools/run_tests.py --no-cov $(@:test-%=%) $(ARGS)

test-unit:  ## run tests that need nothing (ARGS= goes to pytest, here and below)
test-contract:  ## run the contracts of the store and other ports
test-integration:  ## run tests with real databases, files and processes
test-ops:  ## run tests of definitions, permissions and monitoring
test-e2e:  ## run tests of the whole service
test-stack:  ## run tests of separate processes on RabbitMQ and PostgreSQL, parts killed
test-api-fuzz:  ## run a minute of requests nobody thought of
test-ocr: $(OCR_STAMP)  ## run the tests of docmill[ocr]

test-full: $(DEV_STAMP) $(OCR_STAMP) browser servers  ## run all tests, the slow ones too
	@$(BIN)/python tools/run_tests.py --slow unit contract integration ops e2e stack api-fuzz ocr

TRIXIE ?= $(HOME)/.cache/docmill-trixie
MIRROR ?=

test-rabbitmq4: $(DEV_STAMP)  ## run the broker's tests on RabbitMQ 4.0 (as root; MIRROR= of Debian)
	@test -x $(TRIXIE)/usr/lib/rabbitmq/bin/rabbitmq-server || debootstrap \
		--variant=minbase --include=rabbitmq-server trixie $(TRIXIE) $(MIRROR)
	@CI=1 DOCMILL_TEST_RABBITMQ_ROOT=$(TRIXIE) $(BIN)/python -m pytest \
		tests/contract/test_rabbitmq_transport.py tests/integration/rabbitmq \
		tests/integration/ops/test_definitions.py

cov: test  ## run all tests and write htmlcov/index.html
	@$(BIN)/coverage html --quiet

check: lint types imports verify  ## run every gate that is not a test

lint: $(DEV_STAMP)  ## check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(DEV_STAMP)  ## check types
	@$(BIN)/mypy

imports: $(DEV_STAMP)  ## check who may import whom
	@$(BIN)/lint-imports

verify: $(DEV_STAMP)  ## check that generated files are up to date
	@$(BIN)/python -m tools.generate --check
	@$(BIN)/python -m tools.check_requirements
	@$(BIN)/python -m tools.make_samples --check

docs: $(DEV_STAMP)  ## write the generated files anew
	@$(BIN)/python -m tools.generate

fmt: $(DEV_STAMP)  ## format and repair what can be repaired
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

bench: $(DEV_STAMP)  ## measure against the named baselines (ARGS=)
	@$(BIN)/python -m benchmarks $(ARGS)

browser:  ## install Chromium for the browser tests where apt-get can
	@sh tools/chromium.sh

servers:  ## install RabbitMQ, PostgreSQL and Prometheus for the tests where apt-get can
	@sh tools/servers.sh

lock: $(DEV_STAMP)  ## renew the pinned requirements (UPGRADE=1 raises them)
	@$(COMPILE) --output-file requirements.txt pyproject.toml
	@$(COMPILE) --extra dev --constraint requirements.txt \
		--output-file requirements-dev.txt pyproject.toml
	@$(COMPILE) --extra ocr --constraint requirements-dev.txt \
		--output-file requirements-ocr.txt pyproject.toml
	@$(BIN)/python -m tools.check_requirements

clean:  ## remove what is installed, and caches; docmill-data stays
	rm -rf $(VENV) $(OCR_VENV) build dist *.egg-info .coverage .coverage.* htmlcov \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is touched last, so an installation that was interrupted is done again.

define make_venv
@sh tools/check_python.sh "$(PYTHON)"
@$(BIN)/python -m pip --version >/dev/null 2>&1 \
	|| "$(PYTHON)" -m venv --clear $(VENV)
endef

$(RUN_STAMP): requirements.txt pyproject.toml
	$(make_venv)
	@echo "Installing what Docmill needs into $(VENV) (once; about a minute) ..."
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.txt requirements.txt pyproject.toml
	$(make_venv)
	@echo "Installing what development needs into $(VENV) (once; about two minutes) ..."
	@$(PIP) install -r requirements-dev.txt
	@$(PIP) install --no-deps --editable .
	@touch $(RUN_STAMP) $@

# It takes from .venv all that is there, so that only the extra itself is installed.
$(OCR_STAMP): $(DEV_STAMP) requirements-ocr.txt
	@$(BIN)/python -m venv --clear $(OCR_VENV)
	@echo "Installing docmill[ocr] for its tests into $(OCR_VENV) (once; half a minute) ..."
	@site() { $$1/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; } && \
		echo "import site; site.addsitedir('$$(site $(VENV))')" >"$$(site $(OCR_VENV))/dev.pth"
	@$(OCR_VENV)/bin/python $(PIP_QUIETLY) install -r requirements-ocr.txt
	@touch $@
