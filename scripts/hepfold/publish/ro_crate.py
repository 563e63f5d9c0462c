"""The published folder as an RO-Crate: what each file is, and what it was made from.

It follows the profiles Process Run, Workflow Run and Workflow RO-Crate
(w3id.org/ro/wfrun), without the times of the run: a run again gives the same crate.
"""

from fnmatch import fnmatch
from pathlib import PurePath

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from hepfold.publish import citations

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.6": ("Process Run Crate", "0.6"),
    "https://w3id.org/ro/wfrun/workflow/0.6": ("Workflow Run Crate", "0.6"),
}
WORKFLOW, CONFIG = "Snakefile", "config.yaml"
# What files are, by the pattern of their path that fits first; figures have captions.
DESCRIPTIONS = {
    "README.md": "What was asked, which data, what came out, and how to cite it.",
    WORKFLOW: "Entry of the workflow; all of it is at the commit in provenance.json.",
    CONFIG: "All settings of the run, overlays applied; it can be run again.",
    "provenance.json": "Commit, versions of packages, checksums of the data, settings.",
    "rulegraph.dot": "Rules of the workflow and which reads the files of which.",
    "metrics.csv": "All figures of merit of all models, unrounded.",
    "metrics/*": "Figures of merit of a model, with the settings that it was made by.",
    "tables/comparison.*": "All models beside each other and published figures.",
    "tables/summary.md": "The main figures of merit in words.",
    "tables/costs.*": "Time and memory that each model took.",
    "tables/steps.*": "Time and memory that the jobs of each step took.",
    "datacards/*": "Counts of events and statistics of features of a data set.",
    "models/*.onnx": "Models of all folds as one, from physical features to the score.",
    "inference/*/workspace.json": "The binned score as a HistFactory workspace.",
    "inference/*/inference.json": "Expected significance and limits of the workspace.",
    "insight/*/importance.csv": "Loss of AUC where a feature is permuted.",
    "insight/*/partial_dependence.csv": "Mean score where a feature is set to values.",
    "hepdata/*": "Curves and distributions in the format of HEPData.",
    "hepdata.zip": "The folder hepdata, packed as HEPData takes it.",
    "*": "A result of the workflow.",
}
PLAIN, BINARY = "text/plain", "application/octet-stream"
ENCODINGS = {
    "": PLAIN,
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

    `files` are properties by path, `captions` texts by the name of a figure; `origin`
    is as in provenance.json.
    """
    data_sets = origin["data"]
    crate = ROCrate()
    crate.name = f"Results of {citation['title']}"
    crate.description = f"Classifiers of {', '.join(data_sets)}: figures and tables."
    crate.datePublished = origin["date"]
    crate.license = add_license(crate, citation)
    creators = [add_author(crate, author) for author in citation["authors"]]
    crate.creator = creators
    workflow = add_workflow(crate, citation, origin, creators)
    data = [
        add_data(crate, name, citations.reference(citation, name), told["toy"])
        for name, told in data_sets.items()
    ]
    parts = {
        path: crate.add_file(
            dest_path=path,
            properties={
                "name": path,
                "description": description(path, captions),
                "encodingFormat": ENCODINGS.get(PurePath(path).suffix, BINARY),
                **properties,
            },
        )
        for path, properties in files.items()
        if path != WORKFLOW
    }
    crate.root_dataset["mentions"] = crate.add_action(
        workflow,
        identifier="#run",
        object=[*data, parts[CONFIG]],
        result=[part for path, part in parts.items() if path != CONFIG],
        properties={"name": f"Run of the workflow at commit {origin['commit']}"},
    )
    add_profiles(crate)
    return crate.metadata.generate()


def description(path: str, captions: dict[str, str]) -> str:
    """What a file is: a figure by its caption, any other by its place."""
    place = PurePath(path)
    if place.parts[0] == "figures":
        what = "Numbers shown in the figure" if place.suffix == ".csv" else "Figure"
        told = captions.get(place.stem, place.stem)
        return f"{what}, {', '.join(place.parts[1:-1])}: {told}"
    return next(text for p, text in DESCRIPTIONS.items() if fnmatch(path, p))


def add_workflow(
    crate: ROCrate, citation: dict, origin: dict, creators: list[Entity]
) -> Entity:
    """The workflow as what made the crate."""
    return crate.add_workflow(
        dest_path=WORKFLOW,
        main=True,
        lang="snakemake",
        lang_version=origin["packages"]["snakemake"],
        properties={
            "name": citation["title"],
            "description": DESCRIPTIONS[WORKFLOW],
            "version": origin["commit"],
            "license": crate.license,
            "creator": creators,
            "encodingFormat": PLAIN,
        },
    )


def add_data(crate: ROCrate, name: str, entry: dict, is_toy: bool) -> Entity:
    """A data set that the results were made from."""
    if is_toy:
        told = {
            "name": f"Toy events in the format of {entry['title']}",
            "description": "Toy events drawn by the workflow, nothing of nature.",
        }
    else:
        told = {
            "name": entry["title"],
            "identifier": citations.address(entry),
            "url": citations.address(entry),
            "creditText": citations.of_data(entry),
            "license": add_license(crate, entry),
        }
    properties = {"@type": "Dataset", **told}
    return crate.add(ContextEntity(crate, f"#data_{name}", properties=properties))


def add_license(crate: ROCrate, entry: dict) -> Entity:
    """The license of a work."""
    properties = {"@type": "CreativeWork", "name": entry["license"]}
    address = citations.license_address(entry)
    return crate.add(ContextEntity(crate, address, properties=properties))


def add_author(crate: ROCrate, author: dict) -> Entity:
    """A person or a group."""
    kind = "Organization" if "name" in author else "Person"
    (name,) = citations.authors({"authors": [author]})
    identifier = author.get("orcid") or f"#author_{name.replace(' ', '_')}"
    properties = {"@type": kind, "name": name}
    return crate.add(ContextEntity(crate, identifier, properties=properties))


def add_profiles(crate: ROCrate) -> None:
    """Say which profiles the crate follows, beside that of its workflow."""
    for address, (name, version) in PROFILES.items():
        properties = {
            "@type": ["CreativeWork", "Profile"],
            "name": name,
            "version": version,
        }
        profile = crate.add(ContextEntity(crate, address, properties=properties))
        crate.root_dataset.append_to("conformsTo", profile)
