"""Whom to cite: authors of the workflow and of the data, as CITATION.cff has them."""


def reference(citation: dict, dataset: str) -> dict:
    """The reference of a data set, which has its name as abbreviation."""
    found = (r for r in citation["references"] if r["abbreviation"] == dataset)
    return next(found)


def authors(entry: dict) -> list[str]:
    """Names of the authors of a work."""
    return [
        author.get("name") or f"{author['given-names']} {author['family-names']}"
        for author in entry["authors"]
    ]


def address(entry: dict) -> str:
    """Where the digital object identifier of a work leads."""
    return f"https://doi.org/{entry['doi']}"


def license_address(entry: dict) -> str:
    """Address of the text of a license, by its SPDX name."""
    return f"https://spdx.org/licenses/{entry['license']}"


def of_data(entry: dict) -> str:
    """How a data set is cited, in one line."""
    who, publisher = ", ".join(authors(entry)), entry["publisher"]["name"]
    return f"{who} ({entry['year']}). {entry['title']}. {publisher}. {address(entry)}"


def of_workflow(citation: dict, commit: str) -> str:
    """How the workflow is cited, in one line."""
    who = ", ".join(authors(citation))
    return f"{who}. {citation['title']}, version {citation['version']}, commit {commit}"
