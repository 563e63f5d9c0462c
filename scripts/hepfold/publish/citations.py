"""Citations of the workflow and of the data sets, from CITATION.cff."""


def reference(citation: dict, dataset: str) -> dict | None:
    """The reference whose abbreviation is the name of a data set, if there is one."""
    entries = citation["references"]
    return next((r for r in entries if r["abbreviation"] == dataset), None)


def authors(entry: dict) -> list[str]:
    """Names of the authors of a work."""
    return [
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in entry["authors"]
    ]


def address(entry: dict) -> str:
    """URL of the digital object identifier (DOI) of a work."""
    return f"https://doi.org/{entry['doi']}"


def license_address(entry: dict) -> str:
    """URL of the license text, from its SPDX name."""
    return f"https://spdx.org/licenses/{entry['license']}"


def of_data(entry: dict) -> str:
    """One-line citation of a data set."""
    who, publisher = ", ".join(authors(entry)), entry["publisher"]["name"]
    return f"{who} ({entry['year']}). {entry['title']}. {publisher}. {address(entry)}"


def of_workflow(citation: dict, commit: str) -> str:
    """One-line citation of the workflow."""
    who = ", ".join(authors(citation))
    return f"{who}. {citation['title']}, version {citation['version']}, commit {commit}"
