"""Names and helpers shared by all rules. Nothing here reads or writes data."""

import sys

SCRIPTS = Path(workflow.basedir) / "scripts"
SCHEMA = Path(workflow.basedir) / "workflow/schemas/config.schema.yaml"

sys.path.insert(0, str(SCRIPTS))
from hepfold import configuration, datasets, provenance

fault = configuration.first_fault(config, SCHEMA)
if fault:
    raise WorkflowError(fault)

DATASETS = config["run"]["datasets"]
MODELS = config["run"]["models"]
FOLDS = range(config["folds"]["n_folds"])


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
        path = SCRIPTS / script
        return {
            "wildcards": dict(wildcards),
            "code": provenance.code_digest(path),
            "packages": provenance.package_versions(path),
            **{
                name: config_part(key.format(**wildcards)) for name, key in keys.items()
            },
        }

    return of


def config_part(path):
    """The part of the configuration at `a/b/c`; all of it at the empty path."""
    part = config
    for key in filter(None, path.split("/")):
        part = part[key]
    return part


def raw_path(wildcards):
    """The raw file: simulated, downloaded, or where the user has it."""
    source = config["datasets"][wildcards.dataset]["source"]
    location, _ = datasets.split_source(source)
    if location == datasets.SIMULATION:
        return rules.simulate.output.raw
    if datasets.is_address(location):
        return rules.download.output.raw
    return location
