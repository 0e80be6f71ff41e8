# The one list of commands; `make help` prints it. Each command first installs what it needs and is not there yet.

# Where rustup puts cargo; a shell that was open while rustup ran does not know it yet.
export PATH := $(PATH):$(HOME)/.cargo/bin
# Lets highs-sys find the HiGHS that .ci/bootstrap built, instead of compiling it once more.
CARGO = PKG_CONFIG_PATH="$$(.ci/highs)" cargo

SERVE ?= 1
SECONDS ?= 60
COUNT ?= 1000
QUICK ?=
WRITE ?=
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test two-members check format lint document licenses bench bench-planner bench-feed bench-mail chaos-mail check-plans serve clean-demo

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## plan a co-op of sample data and serve it; SERVE=0 ends after printing, SECONDS=60 bounds the planner
	@.ci/bootstrap build
	$(CARGO) run --locked -- demo --seconds $(SECONDS) $(if $(filter 0,$(SERVE)),--no-serve)

test: ## run all tests, on both databases; TESTS=part_of_a_name runs some of them
	@.ci/bootstrap test
	$(CARGO) test --locked -- $(TESTS)

two-members: ## let a foreign program with two members' identities look for holes for 15 minutes
	@.ci/bootstrap test
	COOP_SCHEMATHESIS_SECONDS=900 $(CARGO) test --locked --test it -- c34_a_foreign_program --nocapture

check: format lint document licenses ## formatting, warnings, documentation, licenses

format:
	cargo fmt --check

lint:
	@.ci/bootstrap build
	$(CARGO) clippy --locked --all-targets -- -D warnings

document:
	@.ci/bootstrap build
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --locked --no-deps --document-private-items

licenses:
	.ci/licenses

bench: ## measure the planner on small co-ops, and the API while a plan is made
	@.ci/bootstrap test
	.ci/bench

bench-planner: ## measure the planner against its peer on all sizes; QUICK=1 on three small ones, WRITE=1 into docs
	@.ci/bootstrap test
	.ci/bench-planner $(if $(QUICK),--quick) $(if $(WRITE),--write)

bench-mail: ## measure the outbox beside Python's SMTP client, and pages while the mail server stalls
	@.ci/bootstrap test
	COOP_BENCH_MAIL=1 $(CARGO) test --locked --test it -- jobs::mail_speed --nocapture --test-threads=1

chaos-mail: ## kill the sender 200 times on each database, and let real mail servers misbehave
	@.ci/bootstrap test
	.ci/chaos-mail

bench-feed: ## measure the calendar of a specialist against Radicale's in the same run
	@.ci/bootstrap test
	.ci/python-tools
	COOP__SERVER__LIMITS__REQUESTS_PER_MINUTE_BY_ADDRESS=10000000 .ci/with-demo 10 .venv/bin/python .ci/bench-feed

check-plans: ## plan COUNT=1000 made-up co-ops and check every plan twice
	@.ci/bootstrap test
	.ci/check-plans $(COUNT)

serve: ## serve with config/development.toml: SQLite and e-mails as files, both in coop-data/
	@.ci/bootstrap build
	@mkdir -p coop-data
	$(CARGO) run --locked -- --config config/development.toml serve

clean-demo: ## forget the demo's database and e-mails
	rm -rf coop-data/demo
