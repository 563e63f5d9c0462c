#!/usr/bin/env bash
# Redraw the pictures of the documentation: toy runs in a copy of the last commit. The
# environment of `make env` has to be active.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD
cores=${CORES:-2}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar x -C "$copy"
draw() { python "$here/workflow/documentation/gallery.py" "$1" "$copy/results"; }
run() { snakemake --cores "$cores" --quiet rules --configfile config.yaml "$@"; }

cd "$copy"
run workflow/studies/demo.yaml
draw demo
dot -Tsvg results/publish/rulegraph.dot > "$here/docs/pictures/rulegraph.svg"
run workflow/analyses/tth_toy.yaml
draw tutorial
run workflow/analyses/tth_toy.yaml workflow/analyses/tth_classes.yaml
run workflow/documentation/gallery.yaml -- all \
    results/figures/higgsml/learning_curves.pdf \
    results/figures/higgsml/mlp/learning_curve.pdf \
    results/figures/higgsml/mlp/learning_rates.pdf \
    results/figures/higgsml/mlp/search.pdf
draw all
