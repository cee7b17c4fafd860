# Every command does its own set-up: requirements/install.sh builds .venv/ and is done at once where it is there.
# many containers forbid bytecode: every process, and the tests start hundreds, would compile the code anew
unexport PYTHONDONTWRITEBYTECODE
# HOST counts only when given to make: some shells export it as the name of the machine.
HOST = 127.0.0.1
RUN = .venv/bin/python -m
ROOMS = ui cli graph tools guided language crm prompts sandbox evals settings.py
SETUP = @PYTHON="$(PYTHON)" sh requirements/install.sh
LATER = { echo "make $@ comes later: it is not part of the assistant yet." >&2; exit 2; }

.PHONY: help chat test check proofs sandbox studio bench evals doctor audit erase

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name what; do printf 'make %-8s  %s\n' "$$name" "$$what"; done

chat: ## the web chat; PORT=8000 HOST=127.0.0.1
	$(SETUP) chat
	@$(RUN) ui --host $(HOST) --port $(or $(PORT),8000) $(ARGS)

sandbox: ## a HubSpot-compatible CRM server; PORT=8765
	$(SETUP) chat
	@$(RUN) sandbox --host $(HOST) --port $(or $(PORT),8765) $(ARGS)

studio: ## the graph in LangGraph Studio's server, offline; PORT=2024
	$(SETUP) studio
	@LANGGRAPH_CLI_NO_ANALYTICS=1 LANGGRAPH_NO_VERSION_CHECK=true LANGSMITH_TRACING=false \
		$(RUN) langgraph_cli dev --no-browser --host $(HOST) --port $(or $(PORT),2024) $(ARGS)

test: ## the tests, in several processes at once; ARGS="-k card"
	$(SETUP) dev
	@$(RUN) pytest -n auto --dist worksteal $(ARGS)

check: ## lint, format, types, complexity
	$(SETUP) dev
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) lizard -l python -C 15 -w $(ROOMS)

bench: ## the figures, beside their targets
	$(SETUP) dev
	@$(RUN) benchmarks $(ARGS)

proofs: ## the long runs, with their tables
	$(SETUP) dev
	@$(RUN) pytest --proofs -rA --durations=0 $(ARGS)

evals: ## conversation tasks and their scores; ARGS="--kind search --talk"
	@test -f evals/__main__.py || $(LATER)
	$(SETUP) dev
	@$(RUN) evals $(ARGS)

doctor: ## is everything configured and reachable?
	@test -f cli/doctor.py || $(LATER)
	$(SETUP) chat
	@$(RUN) cli.doctor $(ARGS)

audit: ## what was written, by whom, and when
	@test -f cli/audit.py || $(LATER)
	$(SETUP) chat
	@$(RUN) cli.audit $(ARGS)

erase: ## erase a person from all that is kept; ARGS="--contact 123"
	$(SETUP) chat
	@$(RUN) cli.erase $(ARGS)
