"""Parts of large data sets, which are read side by side."""

# Groups of files of each data set that are read side by side; none if one job reads all.
PARTS = {
    name: reading_parts.of(name, declared) if name in read_datasets(SETTINGS) else []
    for name, declared in SETTINGS.datasets.items()
}


def part_of(wildcards):
    """The part of a data set of that name."""
    return next(p for p in PARTS[wildcards.dataset] if p.name == wildcards.part)


def part_files(wildcards):
    """Raw files of a part; for members of an archive, the archive."""
    return as_declared([sources.archive_of(p) for p in part_of(wildcards).files])


def part_declaration(wildcards):
    """What the declaration of a data set says about reading a part."""
    return reading_parts.declared_part(reading_part(wildcards), part_of(wildcards))


def part_samples(wildcards):
    """Position of the sample of each part of a data set."""
    return [part.i_sample for part in PARTS[wildcards.dataset]]


def all_parts(path):
    """A function that gives the files of all parts of a data set, in order."""

    def of(wildcards):
        names = [part.name for part in PARTS[wildcards.dataset]]
        return expand(path, dataset=wildcards.dataset, part=names)

    return of


def one_of(names):
    """Pattern of the values of a wildcard; without names, it matches nothing."""
    return "|".join(names) or "(?!)"
