# From a fresh clone to done: `make demo`, `make report`, `make test`. Everything is made in .venv.
PYTHON ?= python3
CORES ?= 2
# Build of torch: empty for the one that the package registry has; `cpu`, `cu130`, ... for
# one of the indexes of PyTorch.
TORCH ?=

PIP = .venv/bin/python -m pip install --disable-pip-version-check --quiet
TORCH_INDEX = $(if $(TORCH),--index-url https://download.pytorch.org/whl/$(TORCH))

.PHONY: demo report settings test env

demo: env
	.venv/bin/snakemake --cores $(CORES) --quiet rules \
	    --configfile config.yaml workflow/studies/demo.yaml
	@echo "Figures, tables and provenance are in results/publish/:"
	@cat results/publish/README.md

# Of the demo, one file that opens anywhere; of a run of yours, the same with its overlay.
report: demo
	.venv/bin/snakemake --configfile config.yaml workflow/studies/demo.yaml \
	    --report report.html

# JSON Schema and reference page, after a change of the settings.
settings: env
	.venv/bin/python workflow/schemas/generate.py

test: env
	.venv/bin/python -m pytest

# Runs that are killed, starved and spoilt; as root, with full disks too.
test-faults: env
	.venv/bin/python -m pytest -m faults

# Through a SLURM of this machine, installed on Debian if need be; as root, else skipped.
test-slurm: env
	$(PIP) --group slurm
	tests/slurm/up.sh --install || test $$? -eq 77
	.venv/bin/python -m pytest -m slurm; status=$$?; tests/slurm/down.sh; exit $$status

# Another build of torch is another environment.
INSTALLED = .venv/installed$(if $(TORCH),-$(TORCH))

env: $(INSTALLED)

$(INSTALLED): pyproject.toml
	rm -f .venv/installed*
	$(PYTHON) -m venv .venv
	$(PIP) "pip>=25.1"
	$(PIP) $(TORCH_INDEX) --group torch
	$(PIP) --group cpu --group gpu --group test
	touch $@
