# Descent: every target is one line. `make book` builds the book and opens it.
# Without make, run the same line: python3 tools/in_venv.py tools/build_site.py
PYTHON ?= python3
OLD = Descent needs Python 3.11 or newer, and $(PYTHON) is older; name one, for example: make PYTHON=python3.12 book
RUN = @command -v $(PYTHON) >/dev/null || { echo "Descent needs Python 3.11 or newer, and there is no $(PYTHON) here."; exit 1; }; \
      $(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('$(OLD)')" && $(PYTHON) tools/in_venv.py

.DEFAULT_GOAL := help
.PHONY: help book site pdf zip lab test test-oldest test-full lint bench measure mutate lock outputs clean

help:    ## show these targets
	@sed -n 's/^\([a-z-]*\): *## /make \1\t/p' Makefile | expand -t 18
book:    ## build the book and open it on http://localhost:8000
	$(RUN) tools/serve.py
site:    ## build the book into _build/html
	$(RUN) tools/build_site.py
pdf:     ## print the whole book into _build/descent.pdf (needs Chromium or Chrome)
	$(RUN) tools/pdf.py
zip:     ## pack the site for reading offline, _build/descent.zip
	$(RUN) tools/archive.py
lab:     ## open the first chapter in JupyterLab
	$(RUN) tools/lab.py
test:    ## run every test
	$(RUN) tools/run_tests.py
test-oldest: ## run the unit tests and notebooks with the oldest NumPy and Matplotlib allowed
	$(RUN) tools/oldest_versions.py
test-full: ## run what takes long: notebooks on other threads and processors, the oldest NumPy, fuzzing
	$(RUN) tools/long_tests.py
lint:    ## check the style of code and notebooks
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
bench:   ## measure speed and size, print a table
	$(RUN) benchmarks/run.py
measure: ## count the core's lines, checks and bodies, and what one epoch calls
	$(RUN) tools/measure.py
mutate:  ## change the core in 300 places, one by one: the unit tests must notice
	$(RUN) tools/mutate.py
lock:    ## pin the versions that pyproject.toml allows today in requirements.txt
	$(RUN) tools/lock.py
outputs: ## run all notebooks again and store their outputs
	$(RUN) tools/outputs.py
clean:   ## remove what was built (the environment .venv stays)
	@rm -rf _build build dist .pytest_cache .ruff_cache .hypothesis .coverage
