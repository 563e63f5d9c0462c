"""RO-Crate metadata of the published folder: what each file is and how it was made.

The crate follows the profiles Process Run, Workflow Run and Workflow RO-Crate
(w3id.org/ro/wfrun). It holds no times, so that repeated runs give the same crate.
"""

from fnmatch import fnmatch
from pathlib import PurePath

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from hepfold.publish import citations

# Versions that validators and WorkflowHub know; these profiles are for RO-Crate 1.1.
VERSION = "1.1"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
BIOSCHEMAS = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
# Terms of these profiles, such as `sha256`.
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
WORKFLOW, CONFIG, README = "Snakefile", "config.yaml", "README.md"
# Descriptions by path pattern; the first match counts. Figures have captions.
DESCRIPTIONS = {
    README: "Answer, question, data, results, files and citation.",
    "methods.md": "Methods text for a paper, generated from the settings.",
    "references.bib": "Works that the methods text cites, in BibTeX.",
    "model_card.md": "Purpose, inputs, output, validation and limits of the models.",
    "overview.html": "Answer of the run in HTML, with the figure.",
    WORKFLOW: "Entry point of the workflow; for its commit see provenance.json.",
    CONFIG: "Full configuration of the run; it reproduces the run.",
    "provenance.json": "Commit, package versions, data checksums, configuration.",
    "rulegraph.dot": "Dependency graph of the rules.",
    "metrics.csv": "All figures of merit of all models, not rounded.",
    "metrics/*": "Figures of merit of one model, with its settings.",
    "tables/comparison.*": "Comparison of all models and published figures of merit.",
    "tables/summary.md": "Summary of the main figures of merit.",
    "tables/costs.*": "Time and memory of the training of each model.",
    "tables/blends.*": "Weights of the parts of blends in each fold.",
    "tables/steps.*": "Time and memory of the jobs of each step.",
    "datacards/*": "Data card: numbers of events and statistics of features.",
    "models/*.onnx": "All folds as one ONNX model: physical features to score.",
    "inference/*/workspace.json": "The templates as a HistFactory workspace.",
    "inference/*/inference.json": "Expected significance and limits of the workspace.",
    "inference/*/fit.json": "Parameters, impacts and predictions of the fit.",
    "inference/*/breakdown.*": "Expected results by groups of uncertainties.",
    "inference/*/systematics.*": "Effect of each systematic, and what was kept.",
    "inference/*/templates.*": "Expected events of each process in each bin.",
    "insight/*/importance.csv": "Loss of AUC if a feature, body or set is permuted.",
    "insight/*/partial_dependence.csv": "Mean score against the value of a feature.",
    "hepdata/*": "Curves and distributions in HEPData format.",
    "hepdata.zip": "The folder hepdata as a zip archive for submission.",
    "*": "Result of the workflow.",
}
NO_LICENSE = "Not declared (key `license` of the data set)."
PLAIN, BINARY = "text/plain", "application/octet-stream"
ENCODINGS = {
    "": PLAIN,
    ".bib": "application/x-bibtex",
    ".csv": "text/csv",
    ".dot": "text/vnd.graphviz",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".tex": "application/x-tex",
    ".yaml": "application/yaml",
    ".zip": "application/zip",
}


def metadata(
    files: dict[str, dict], captions: dict[str, str], citation: dict, origin: dict
) -> dict:
    """The record of a crate in JSON-LD.

    `files` holds properties by path, `captions` texts by the name of a figure; `origin`
    is the content of provenance.json.
    """
    data_sets = origin["data"]
    crate = ROCrate(version=VERSION)
    crate.metadata.extra_contexts.append(TERMS)
    crate.name = f"Results of {citation['title']}"
    crate.description = f"Classifiers for {', '.join(data_sets)}: figures and tables."
    crate.datePublished = origin["date"]
    license_ = add_license(crate, citation)
    creators = add_authors(crate, citation)
    if private := private_data_sets(citation, origin):
        crate.license = license_of_data(private)
    else:
        crate.license, crate.creator = license_, creators
        crate.root_dataset["author"] = crate.root_dataset["publisher"] = creators
    workflow = add_workflow(crate, citation, origin, license_, creators)
    data = [
        add_data(
            crate,
            name,
            citations.reference(citation, name),
            origin["config"]["datasets"][name],
            source["toy"],
        )
        for name, source in data_sets.items()
    ]
    parts = {
        path: add_part(crate, path, description(path, captions), properties)
        for path, properties in files.items()
        if path != WORKFLOW
    }
    if README in parts:
        parts[README]["about"] = crate.root_dataset
    add_run(crate, workflow, data, parts, origin["commit"])
    add_profiles(crate)
    return crate.metadata.generate()


def add_run(
    crate: ROCrate,
    workflow: Entity,
    data: list[Entity],
    parts: dict[str, Entity],
    commit: str,
) -> None:
    """Add the run that made the parts, which are files by path."""
    crate.root_dataset["mentions"] = crate.add_action(
        workflow,
        identifier="#run",
        object=[*data, parts[CONFIG]],
        result=[part for path, part in parts.items() if path != CONFIG],
        properties={
            "name": f"Run of the workflow at commit {commit}",
            "description": "Trainings, evaluation, figures and tables of this folder.",
        },
    )


def private_data_sets(citation: dict, origin: dict) -> list[dict]:
    """Declarations of the data sets that are neither public nor toy events.

    The authors of the workflow are not those of results from such events.
    """
    return [
        origin["config"]["datasets"][name]
        for name, source in origin["data"].items()
        if not source["toy"] and citations.reference(citation, name) is None
    ]


def license_of_data(declared: list[dict]) -> str:
    """The licenses that data sets declare, as text."""
    licenses = dict.fromkeys(filter(None, (one["license"] for one in declared)))
    return ", ".join(licenses) or NO_LICENSE


def add_part(crate: ROCrate, path: str, text: str, properties: dict) -> Entity:
    """A file of the crate with its description and further properties."""
    encoding = ENCODINGS.get(PurePath(path).suffix, BINARY)
    known = {"name": path, "description": text, "encodingFormat": encoding}
    return crate.add_file(dest_path=path, properties=known | properties)


def description(path: str, captions: dict[str, str]) -> str:
    """Description of a file: the caption of a figure, otherwise from its path."""
    place = PurePath(path)
    if place.parts[0] == "figures":
        what = "Numbers behind the figure" if place.suffix == ".csv" else "Figure"
        caption = captions.get(place.stem, place.stem)
        return f"{what}, {', '.join(place.parts[1:-1])}: {caption}"
    return next(text for p, text in DESCRIPTIONS.items() if fnmatch(path, p))


def add_workflow(
    crate: ROCrate,
    citation: dict,
    origin: dict,
    license_: Entity,
    creators: Entity | list[Entity],
) -> Entity:
    """The workflow that made the crate."""
    return crate.add_workflow(
        dest_path=WORKFLOW,
        main=True,
        lang="snakemake",
        lang_version=origin["packages"]["snakemake"],
        properties={
            "name": citation["title"],
            "description": DESCRIPTIONS[WORKFLOW],
            "version": origin["commit"],
            "license": license_,
            "creator": creators,
            "encodingFormat": PLAIN,
            "conformsTo": {"@id": BIOSCHEMAS},
        },
    )


def add_data(
    crate: ROCrate, name: str, entry: dict | None, declared: dict, is_toy: bool
) -> Entity:
    """A data set that the results are based on; `entry` is its reference if public."""
    title = entry["title"] if entry else declared["title"]
    if is_toy:
        properties = {
            "@type": "Dataset",
            "name": f"Toy events in the format of {title}",
            "description": "Toy events of the workflow, without physical meaning.",
        }
    elif entry is None:
        credit = {"creditText": declared["citation"], "license": declared["license"]}
        properties = {"@type": "Dataset", "name": title}
        properties |= {key: text for key, text in credit.items() if text}
    else:
        properties = {
            "@type": "Dataset",
            "name": title,
            "identifier": citations.address(entry),
            "url": citations.address(entry),
            "creditText": citations.of_data(entry),
            "license": add_license(crate, entry),
        }
    return crate.add(ContextEntity(crate, f"#data_{name}", properties=properties))


def add_license(crate: ROCrate, entry: dict) -> Entity:
    """The license of a work."""
    properties = {"@type": "CreativeWork", "name": entry["license"]}
    address = citations.license_address(entry)
    return crate.add(ContextEntity(crate, address, properties=properties))


def add_authors(crate: ROCrate, citation: dict) -> Entity | list[Entity]:
    """The authors of the workflow; RO-Crate advises against lists of one entity."""
    authors = [add_author(crate, author) for author in citation["authors"]]
    return authors if len(authors) > 1 else authors[0]


def add_author(crate: ROCrate, author: dict) -> Entity:
    """A person or a group."""
    kind = "Organization" if "name" in author else "Person"
    (name,) = citations.authors({"authors": [author]})
    identifier = author.get("orcid") or f"#author_{name.replace(' ', '_')}"
    properties = {"@type": kind, "name": name}
    return crate.add(ContextEntity(crate, identifier, properties=properties))


def add_profiles(crate: ROCrate) -> None:
    """Declare the profiles of the crate."""
    for address, (name, version) in PROFILES.items():
        properties = {
            "@type": ["CreativeWork", "Profile"],
            "name": name,
            "version": version,
        }
        profile = crate.add(ContextEntity(crate, address, properties=properties))
        crate.root_dataset.append_to("conformsTo", profile)
