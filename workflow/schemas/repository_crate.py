"""RO-Crate metadata of the repository: main workflow, its tests, and license.

WorkflowHub and LifeMonitor read it. The crate follows the profiles Workflow RO-Crate
and Workflow Testing RO-Crate. `generate.py` writes it.
"""

from rocrate.model.softwareapplication import SoftwareApplication
from rocrate.rocrate import ROCrate

from hepfold.publish import ro_crate

TESTING = "https://w3id.org/ro/wftest/0.1"
WORKFLOW, TESTS = "workflow/Snakefile", ".ci/run"
PYTEST = {
    "@type": "SoftwareApplication",
    "name": "pytest",
    "url": {"@id": "https://docs.pytest.org"},
}
FILES = {
    "README.md": ("text/markdown", "What the workflow does, and how it is run."),
    "LICENSE": ("text/plain", "License of the workflow."),
    "CITATION.cff": ("application/yaml", "How to cite the workflow and its data sets."),
    "CHANGELOG.md": ("text/markdown", "Changes of each version."),
    "config.yaml": ("application/yaml", "Settings that are changed most."),
    "docs/settings.md": ("text/markdown", "All settings with their defaults."),
    "workflow/schemas/config.schema.json": (
        "application/schema+json",
        "JSON Schema of the settings.",
    ),
}
FOLDERS = {
    "workflow/": "Rules, declarations of public data sets, studies and profiles.",
    "scripts/": "A script for each rule, and the library that they share.",
    "tests/": "Tests of the library and of whole runs.",
    "envs/": "Conda environments of the rules, and a recipe for a container image.",
}


def metadata(citation: dict, versions: dict[str, str]) -> dict:
    """The record of the crate in JSON-LD.

    `versions` are those of the packages `snakemake` and `pytest`.
    """
    crate = ROCrate(version=ro_crate.VERSION)
    crate.name = citation["title"]
    crate.description = citation["abstract"]
    crate.datePublished = str(citation["date-released"])
    crate.keywords = citation["keywords"]
    crate.license = ro_crate.add_license(crate, citation)
    authors = ro_crate.add_authors(crate, citation)
    crate.root_dataset["author"] = crate.root_dataset["publisher"] = authors
    add_workflow(crate, citation, versions["snakemake"])
    add_tests(crate, versions["pytest"])
    for path, (encoding, text) in FILES.items():
        known = {"name": path, "description": text, "encodingFormat": encoding}
        added = crate.add_file(dest_path=path, properties=known)
        if path == "README.md":
            added["about"] = crate.root_dataset
    for path, text in FOLDERS.items():
        known = {"name": path, "description": text}
        crate.add_directory(dest_path=path, properties=known)
    return crate.metadata.generate()


def add_workflow(crate: ROCrate, citation: dict, version: str) -> None:
    """Add the main workflow, for Snakemake of a version."""
    crate.add_workflow(
        dest_path=WORKFLOW,
        main=True,
        lang="snakemake",
        lang_version=version,
        properties={
            "name": citation["title"],
            "description": citation["abstract"],
            "version": citation["version"],
            "license": crate.license,
            "creator": crate.root_dataset["author"],
            "encodingFormat": "text/plain",
            "conformsTo": {"@id": ro_crate.BIOSCHEMAS},
        },
    )


def add_tests(crate: ROCrate, version: str) -> None:
    """Add the test suite of the main workflow, for pytest of a version."""
    engine = crate.add(SoftwareApplication(crate, "#pytest", properties=PYTEST))
    suite = crate.add_test_suite("#tests", name="Tests of the library and whole runs")
    crate.root_dataset["mentions"] = suite
    definition = crate.add_test_definition(
        suite, dest_path=TESTS, engine=engine, engine_version=version
    )
    crate.metadata.append_to("conformsTo", {"@id": TESTING})
    definition["name"] = TESTS
    definition["description"] = "Lanes of tests that a change must pass."
    definition["encodingFormat"] = "text/x-shellscript"
