"""Names and helper functions shared by all rules. No code here reads or writes data."""

import os
import sys
import time
from functools import cache

import yaml

STARTED = time.time()
# Folder of all results; a workflow that imports this one may have put a prefix before it.
RESULTS = str(workflow.modifier.modify_path("results/"))
IS_MOVED = RESULTS != "results/"
# The rules of an importing workflow may make raw files.
IS_IMPORTED = workflow.modifier.namespace is not None
# Largest number of faults of data sets that are shown at once.
N_FAULTS = 30

sys.path.insert(0, str(SCRIPTS))
from hepfold.core import (
    configuration,
    logs,
    parsing,
    provenance,
    starting_models,
    stream_choice,
)
from hepfold.data import (
    datasets,
    declaration_checks,
    declared_processes,
    event_samples,
    header_checks,
    reading_parts,
    sources,
    variations,
)
from hepfold.models import compatibility
from hepfold.publish import rule_graph, run_summary
from hepfold.training import hyperband

# Public data sets, by name: examples of declarations, and sources of the studies.
PUBLIC = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted(ROOT.glob("workflow/datasets/*.yaml"))
}


def check_order_of_overlays():
    """Check that no overlay comes before config.yaml, which would override it."""
    paths = [Path(path).resolve() for path in workflow.overwrite_configfiles]
    base = (ROOT / "config.yaml").resolve()
    if base in paths[1:]:
        before = workflow.overwrite_configfiles[0]
        raise WorkflowError(
            f"--configfile: config.yaml must come first, since its values replace those "
            f"of {before}; write --configfile config.yaml {before}"
        )


def read_datasets(full):
    """Data sets whose events are read: those of the run, and where models start from."""
    starting = (dataset for dataset, _ in starting_models.trainings(full))
    return list(dict.fromkeys([*full.run.datasets, *starting]))


def check_declarations(full):
    """Report everything that is wrong with the data sets of the run, a line each."""
    faults = []
    for name in read_datasets(full):
        declared = full.datasets[name]
        faults += declaration_checks.faults(name, declared)
        faults += header_checks.faults(name, declared, must_exist=not IS_IMPORTED)
    if len(faults) > N_FAULTS:
        faults = [*faults[:N_FAULTS], f"and {len(faults) - N_FAULTS} more faults"]
    if faults:
        raise WorkflowError("\n".join(faults))


if workflow.is_main_process:
    check_order_of_overlays()
try:
    SETTINGS = configuration.complete(config, PUBLIC)
    # The jobs of a run do not repeat this. Snakemake itself ignores a missing raw file if
    # all results made from it exist.
    if workflow.is_main_process:
        check_declarations(SETTINGS)
    compatibility.check(SETTINGS)
except logs.InputError as error:
    raise WorkflowError(str(error))
# From here on, `config` is complete: for rules, remote jobs and the published config.yaml.
config.update(parsing.as_dict(SETTINGS))

DATASETS = config["run"]["datasets"]
MODELS = config["run"]["models"]
# Includes models that are trained only for comparison.
ALL_MODELS = [*MODELS, *config["run"]["compared"]]
# Models shown in comparison figures.
DRAWN_MODELS = [m for m in ALL_MODELS if configuration.is_first_seed(m)]
FOLDS = range(config["folds"]["n_trained"] or config["folds"]["n_folds"])
# Hyperband brackets and rungs of each search; they are known before any training.
PLANS = {model: hyperband.plan(search) for model, search in SETTINGS.search.items()}
# `cache:` of costly steps. It is off without a cache folder, where Snakemake would print a
# hint for each of these steps. Software is omitted from the key because `settings` holds
# the versions of packages.
CACHE = "omit-software" if "SNAKEMAKE_OUTPUT_CACHE" in os.environ else False


wildcard_constraints:
    dataset="|".join(config["datasets"]),
    model="|".join(config["models"]),
    fold=r"\d+",


def settings(script, *modules, **keys):
    """Everything that determines the result of a step: `params: settings=settings(...)`.

    The value is one dictionary with the wildcards, parts of the configuration
    (`model="models/{model}"` selects the settings of one model; functions of the wildcards
    return theirs), the digest of the code, and the versions of the imported packages.
    `modules` are library modules that the script looks up by name, or functions that list
    them for given wildcards.
    """

    def of(wildcards):
        names = [
            name
            for module in modules
            for name in (module(wildcards) if callable(module) else [module])
        ]
        return {
            "wildcards": dict(wildcards),
            **code_of(script, *names),
            **{
                name: (
                    key(wildcards)
                    if callable(key)
                    else config_part(key.format(**wildcards))
                )
                for name, key in keys.items()
            },
        }

    return of


@cache
def code_of(script, *modules):
    """Digest of the code of a script, and versions of the packages that it imports."""
    path = SCRIPTS / script
    return {
        "code": provenance.code_digest(path, *modules),
        "packages": provenance.package_versions(path, *modules),
    }


def model_modules(wildcards):
    """Library modules that implement a model, and its parts if it is a blend."""
    names = wildcards.model, *parts_of(wildcards.model)
    return list(dict.fromkeys(SETTINGS.models[name].module() for name in names))


def decorrelated_spectrum(wildcards):
    """Variable from which the score of a model is decorrelated; None without a penalty."""
    if not compatibility.wants_spectrum(wildcards.model, SETTINGS):
        return None
    return SETTINGS.datasets[wildcards.dataset].spectrum.feature


def decorrelation_strengths(wildcards):
    """Strength of the penalty on sculpting, by model; trees have none."""
    return {m: getattr(SETTINGS.models[m], "decorrelation", 0.0) for m in MODELS}


def config_part(path):
    """Part of the configuration at the path `a/b/c`; an empty path gives all of it."""
    part = config
    for key in filter(None, path.split("/")):
        part = part[key]
    return part


def as_declared(paths):
    """Files at the paths that the settings give, also where results have a prefix."""
    return [local(path) if IS_MOVED else path for path in paths]


def in_report(path, category, title, caption):
    """Output file (image or page) shown in the HTML report.

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
    """Output files of a figure by name and extension; PDF, PNG and CSV by default.

    The last part of the prefix is the name of the drawing that the figure function returns,
    and of its caption, workflow/report/<name>.rst.
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


def dataset_title(wildcards):
    """Title of the data set of a figure; None for a figure of several."""
    name = wildcards.get("dataset")
    return SETTINGS.datasets[name].title if name else None


def figure_settings(name, **keys):
    """`settings` of a figure rule; `draw` looks up the figure function by this name.

    They include the name, the style, and the digest of the module of this figure only.
    """
    of_step = settings(
        "draw.py",
        f"hepfold.figures.{name}",
        style="figures/style",
        **{"title": dataset_title, **keys},
    )

    def of(wildcards):
        return {"figure": name, **of_step(wildcards)}

    return of


def maker(path):
    """Rule that makes a file, and the inputs it needs; None for a raw file."""
    # The names here, which a workflow that imports this one may have changed.
    for name, step in rules._rules.items():
        for output in () if name in ("publish", "all") else step.rule.output:
            match = output.match(path)
            if match:
                inputs, *_ = step.rule.expand_input(match.groupdict())
                return name, inputs
    return None


def graph_edges(wildcards):
    """Pairs of a rule and a rule that reads its output, for all files of this run."""
    targets = {"publish": rules.publish.input, "all": APPLIED}
    return rule_graph.edges(targets, maker)


def previous_results(wildcards):
    """Results of the previous rung, which determine the trials of this one."""
    i_rung = int(wildcards.rung) - 1
    if i_rung < 0:
        return []
    names = {**wildcards, "rung": i_rung}
    n_trials = PLANS[wildcards.model][int(wildcards.bracket)][i_rung].n_trials
    return expand(rules.train_trial.output.json, trial=range(n_trials), **names)


def all_results(wildcards):
    """Results of all trials of a search, in order."""
    return [
        rules.train_trial.output.json.format(
            **wildcards, bracket=bracket, rung=i_rung, trial=i_trial
        )
        for bracket, rungs in PLANS[wildcards.model].items()
        for i_rung, rung in enumerate(rungs)
        for i_trial in range(rung.n_trials)
    ]


def has_embeddings(dataset, model):
    """Whether a model learns embeddings, and sees categorical features of the data set."""
    settings = SETTINGS.models[model]
    size = getattr(getattr(settings, "network", None), "embedding_size", 0)
    if size == 0:
        return False
    definition = datasets.Dataset.of(SETTINGS.datasets[dataset])
    features = definition.feature_sets[settings.features]
    return any(name in features for name in definition.categorical)


IMAGE_MODELS = [m for m in MODELS if SETTINGS.models[m].sees_images]
CLASS_MODELS = [m for m in MODELS if getattr(SETTINGS.models[m], "classes", None)]
OTHER_MODELS = [m for m in MODELS if not SETTINGS.models[m].sees_images]
