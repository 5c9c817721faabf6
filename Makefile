# Two commands are enough: `make run` and `make test`. Works with GNU make 3.81 (macOS).
.DEFAULT_GOAL := help
.PHONY: help run dev test e2e check lint bench rush scale base package deploy update budget status logs invoke rollback destroy \
	backup restore cost translations requirements clean

PORT ?= 8000
export PORT
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes
# Linux gives memory back sooner then.
FRUGAL := MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072
# What to test, as in: make test TESTS=tests/registrations
TESTS ?=
# What to package and deploy: a stage of zappa_settings.json
STAGE ?= dev
# Of the budget, in USD a month
LIMIT ?= 5
# Of a deployed stage: how far back to look for logs, and whether its data go too
SINCE ?= 10m
DATA ?= no

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: .venv/run.stamp translations ## Serve on http://127.0.0.1:8000 (PORT chooses another port)
	@$(FRUGAL) exec $(BIN)/gunicorn wsgi:app

dev: .venv/run.stamp translations ## The same for development: restarts when the code changes
	@exec $(BIN)/flask --app wsgi run --debug --port $(PORT)

test: .venv/dev.stamp translations ## Run all tests, those in a browser too
	@LANYARD_BROWSER="$$($(BIN)/python scripts/browser.py)" && export LANYARD_BROWSER && \
		$(BIN)/python -m pytest -n 2 --dist loadscope --ignore tests/e2e $(TESTS)

e2e: .venv/dev.stamp translations ## Run the package as AWS does, and deploy it to an emulated AWS (Linux)
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/e2e

lint: .venv/dev.stamp translations ## Check style, types, layers, templates and catalogues
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/python scripts/catalogues.py --check

check: lint test ## Prove everything: lint and test

bench: .venv/dev.stamp translations ## Measure, and print the figures
	@for bench in bench/bench_*.py; do $(BIN)/python $$bench || exit 1; done

rush: .venv/run.stamp translations ## Have 800 people sign up for 500 seats, PEOPLE= SEATS= CLIENTS= RUNS=
	@$(BIN)/python bench/rush.py

scale: .venv/run.stamp ## Compute what AWS's limits allow, and draw docs/pictures/scale.svg
	@$(BIN)/python bench/scale.py

base: .venv/deploy.stamp ## Create or update in AWS what stands before the function, STAGE=dev
	@$(BIN)/python -m deploy.base $(STAGE)

package: .venv/deploy.stamp ## Make the package that Zappa deploys, STAGE=dev or another
	@$(BIN)/python -m deploy.package $(STAGE)

deploy: .venv/deploy.stamp ## Bring a stage up in AWS, or its newest version, STAGE=dev
	@$(BIN)/python -m deploy.deploy $(STAGE)

status: .venv/deploy.stamp ## What stands of a stage, what it waits for, and the next step, STAGE=dev
	@$(BIN)/python -m deploy.status $(STAGE)

logs: .venv/deploy.stamp ## What the deployed function wrote, STAGE=dev SINCE=10m FOLLOW=1
	@$(BIN)/python -m deploy.logs $(STAGE) --since $(SINCE) $(if $(FOLLOW),--follow)

invoke: .venv/deploy.stamp ## Run a command in the deployed function, STAGE=dev DO="conference list"
	@$(BIN)/python -m deploy.invoke $(STAGE) $(DO)

rollback: .venv/deploy.stamp ## Bring the code of the version before back, or TO=7, STAGE=dev
	@$(BIN)/python -m deploy.rollback $(STAGE) $(TO)

destroy: .venv/deploy.stamp ## Take away what deploying made; with DATA=yes all data too, STAGE=dev
	@$(BIN)/python -m deploy.destroy $(STAGE) --data $(DATA) $(if $(CONFIRM),--confirm $(CONFIRM))

backup: .venv/deploy.stamp ## Keep all of a stage as it was at a second (AT=, the latest by default), STAGE=dev
	@$(BIN)/python -m deploy.backup $(STAGE) $(if $(AT),--at $(AT))

restore: .venv/deploy.stamp ## Bring a stage back to a second, AT=2026-11-25T10:00:00Z, STAGE=dev
	@$(BIN)/python -m deploy.restore $(STAGE) $(if $(AT),--at $(AT)) $(if $(CONFIRM),--confirm $(CONFIRM))

update: .venv/deploy.stamp ## Bring the newest code to a stage that stands, STAGE=dev
	@$(BIN)/python -m deploy.deploy $(STAGE) --code-only

budget: .venv/deploy.stamp ## Have a mail sent before AWS gets dear, LIMIT=5 (USD a month)
	@$(BIN)/python -m deploy.budget $(STAGE) $(LIMIT)

cost: .venv/deploy.stamp ## Compute docs/cost.md: what Lanyard costs in AWS
	@$(BIN)/python scripts/cost.py

translations: .venv/run.stamp ## Compile the catalogues that have changed
	@$(BIN)/python -m app.local.translations

requirements: .venv/dev.stamp ## Pin all requirements anew
	@cd requirements && for name in runtime local deploy dev cloud; do \
		../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-annotate --no-header --no-emit-index-url \
			$$name.in -o $$name.txt || exit 1; \
	done; \
	../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-deps \
		--generate-hashes --no-annotate --no-header --no-emit-index-url lambda.in -o lambda.txt

clean: ## Remove what was installed and made; data in .local stay
	rm -rf .venv .venv-cloud build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
	find translations -name '*.mo' -exec rm -f {} +

.venv/run.stamp: requirements/runtime.txt requirements/local.txt
	@sh scripts/venv.sh
	@echo "Installing Lanyard into .venv (once)"
	@$(PIP) -r requirements/runtime.txt -r requirements/local.txt
	@touch $@

.venv/deploy.stamp: requirements/runtime.txt requirements/deploy.txt
	@sh scripts/venv.sh
	@echo "Installing the tools of deployment into .venv (once)"
	@$(PIP) -r requirements/runtime.txt -r requirements/deploy.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt
	@sh scripts/venv.sh
	@echo "Installing the tools of development into .venv (once)"
	@$(PIP) -r requirements/dev.txt
	@touch $@ .venv/run.stamp .venv/deploy.stamp
