"""Names and helpers shared by all rules. Nothing here reads or writes data."""

import os
import sys
import time
from functools import cache

STARTED = time.time()
SCRIPTS = Path(workflow.basedir) / "scripts"
SCHEMA = Path(workflow.basedir) / "workflow/schemas/config.schema.yaml"

sys.path.insert(0, str(SCRIPTS))
from hepfold.core import logs, overlays, provenance
from hepfold.data import datasets, sources
from hepfold.publish import rule_graph, run_summary
from hepfold.training import configuration, hyperband

try:
    config.update(configuration.ready(config, SCHEMA))
except logs.InputError as error:
    raise WorkflowError(str(error))

DATASETS = config["run"]["datasets"]
MODELS = config["run"]["models"]
# With those that are trained to be compared alone.
ALL_MODELS = [*MODELS, *config["run"]["compared"]]
# In figures of all models.
DRAWN_MODELS = [m for m in ALL_MODELS if configuration.is_first_seed(m)]
FOLDS = range(config["folds"]["n_trained"] or config["folds"]["n_folds"])
# Brackets of rungs of each model that is searched; known before anything is trained.
PLANS = {
    model: hyperband.brackets(
        part["most_epochs"], part["factor"], overlays.size(part["space"])
    )
    for model, part in config["search"].items()
}
# Of costly steps, whose results clones share; without a place for them, every start would
# tell of each such step that it could use one. Versions of packages are in `settings`.
CACHE = "omit-software" if "SNAKEMAKE_OUTPUT_CACHE" in os.environ else False


wildcard_constraints:
    dataset="|".join(config["datasets"]),
    model="|".join(config["models"]),
    fold=r"\d+",


def settings(script, **keys):
    """All that decides what a step computes, as one value: `params: settings=settings(...)`.

    One dictionary with the wildcards, the named parts of the configuration
    (`model="models/{model}"` takes the part of one model), the meaning of the code, and
    the versions of the packages that it imports.
    """

    def of(wildcards):
        return {
            "wildcards": dict(wildcards),
            **code_of(script),
            **{
                name: config_part(key.format(**wildcards)) for name, key in keys.items()
            },
        }

    return of


@cache
def code_of(script):
    """Digest of the code of a script, and versions of the packages that it imports."""
    path = SCRIPTS / script
    return {
        "code": provenance.code_digest(path),
        "packages": provenance.package_versions(path),
    }


def config_part(path):
    """The part of the configuration at `a/b/c`; all of it at the empty path."""
    part = config
    for key in filter(None, path.split("/")):
        part = part[key]
    return part


def raw_entries(dataset):
    """All entries of the source of a data set."""
    part = config["datasets"][dataset]
    return [*sources.entries(part["source"]), *sources.entries(part["test_source"])]


def local_files(dataset):
    """The raw files of a data set that the user has."""
    found = sources.local_files(raw_entries(dataset))
    return [path.partition("!")[0] for path in found]


def raw_files(wildcards):
    """The raw files and folders that events are read from."""
    found = local_files(wildcards.dataset)
    if sources.is_simulated(raw_entries(wildcards.dataset)):
        found.append(rules.simulate.output.raw)
    if sources.addresses(raw_entries(wildcards.dataset)):
        found.append(rules.download.output.folder)
    return found


def in_report(path, category, title, caption):
    """An output file, a picture or page that the HTML report shows.

    Its caption is workflow/report/<caption>.rst.
    """
    dataset = "{dataset}" if "{dataset}" in path else "all"
    model = "{model}" if "{model}" in path else "all"
    parts = {"{model}": "model {model}", "{dataset}": "data set {dataset}"}
    return report(
        path,
        caption=f"../report/{caption}.rst",
        category=category,
        subcategory=next((n for part, n in parts.items() if part in path), "all"),
        labels={"figure": title, "dataset": dataset, "model": model},
    )


def figure(prefix, category, title, **extensions):
    """Output files of a figure by name and extension: by default PDF, PNG and CSV.

    Its caption is workflow/report/<last part of prefix>.rst, which the published folder
    tells too.
    """
    extensions = extensions or {"pdf": ".pdf", "png": ".png", "csv": ".csv"}
    return [
        (
            in_report(path, category, title, Path(prefix).name)
            if path.endswith(".png")
            else path
        )
        for path in multiext(prefix, **extensions)
    ]


def maker(path):
    """The rule that makes a file, and what it reads for that; None for a raw file."""
    for step in workflow.rules:
        for output in () if step.name in ("publish", "all") else step.output:
            match = output.match(path)
            if match:
                inputs, *_ = step.expand_input(match.groupdict())
                return step.name, inputs
    return None


def graph_edges(wildcards):
    """Pairs of a rule and one that reads its files, for all that this run makes."""
    targets = {"publish": rules.publish.input, "all": APPLIED}
    return rule_graph.edges(targets, maker)


def applied_file(dataset, name):
    """The file of further events of a data set that has this name."""
    found = config["datasets"][dataset]["apply"]
    if name not in found:
        raise WorkflowError(f"datasets.{dataset}.apply: there is no {name!r}")
    return found[name]


def previous_results(wildcards):
    """Results of the rung before, which decide on the trials of the next."""
    i_rung = int(wildcards.rung) - 1
    if i_rung < 0:
        return []
    names = {**wildcards, "rung": i_rung}
    n_trials = PLANS[wildcards.model][int(wildcards.bracket)][i_rung].n_trials
    return expand(rules.train_trial.output.json, trial=range(n_trials), **names)


def all_results(wildcards):
    """Results of all trials of a search, in their order."""
    return [
        rules.train_trial.output.json.format(
            **wildcards, bracket=bracket, rung=i_rung, trial=i_trial
        )
        for bracket, rungs in PLANS[wildcards.model].items()
        for i_rung, rung in enumerate(rungs)
        for i_trial in range(rung.n_trials)
    ]


def best_settings(wildcards):
    """Where the settings of a tuned model are found."""
    searched = config["models"][wildcards.model]["tuned"]
    if searched is None:
        return []
    return rules.pick_best.output.best.format(**{**wildcards, "model": searched})


def has_embeddings(dataset, model):
    """Whether a model learns vectors of categories, and the data set has some."""
    part = config["models"][model]
    definition = datasets.DATASETS[dataset]
    seen = definition.feature_sets[part["features"]]
    size = part.get("network", {}).get("embedding_size", 0)
    return size > 0 and any(name in seen for name in definition.categorical)


def sees_images(model):
    """Whether a model sees events as images."""
    return "images" in config["models"][model]


IMAGE_MODELS = [m for m in MODELS if sees_images(m)]
OTHER_MODELS = [m for m in MODELS if not sees_images(m)]

# Snakemake would not miss a file as long as what was made from it is there.
for dataset in DATASETS:
    for path in local_files(dataset):
        if not Path(path).is_file():
            raise WorkflowError(f"{path}: the source of {dataset} is no file")
    for name, path in config["datasets"][dataset]["apply"].items():
        if not Path(path.partition("!")[0]).is_file():
            raise WorkflowError(f"{path}: datasets.{dataset}.apply.{name} is no file")
