"""Files of each data set, and the parts of its declaration that steps use."""

# Keys of a data set that change no event in its fold file, and their substitutes.
NOT_READ = {
    "title": "",
    "task": None,
    "citation": None,
    "license": None,
    "reactions": [],
    "energy_gev": None,
    "keywords": [],
    "mirrors": [],
    "negative_weights": "absolute",
    "data": None,
    "systematics": {},
    "luminosity_uncertainty": None,
    "normalization": "weights",
    "b_reg": 0.0,
    "blinded": True,
    "apply": {},
    "n_toy": 1,
    "toy_seed": 0,
}


def reading_part(wildcards):
    """What the declaration of a data set says about reading its events."""
    part = config["datasets"][wildcards.dataset] | NOT_READ
    processes = {
        name: process | {"title": None, "uncertainty": None}
        for name, process in part["processes"].items()
    }
    return part | {"processes": processes}


def processes_of(wildcards):
    """Name, title, class and uncertainty of each process of a data set."""
    return declared_processes.records(SETTINGS.datasets[wildcards.dataset])


def regions_of(wildcards):
    """Names of the regions of a data set."""
    return list(SETTINGS.datasets[wildcards.dataset].regions)


def is_public(wildcards):
    """Whether a data set is a public one."""
    return wildcards.dataset in PUBLIC


def raw_entries(dataset):
    """All entries of files with truth of a data set."""
    return event_samples.entries(SETTINGS.datasets[dataset])


def local_files(dataset):
    """Local raw files of a data set; for members of an archive, the archive."""
    paths = sources.local_files(raw_entries(dataset))
    return as_declared([sources.archive_of(path) for path in paths])


def raw_files(wildcards):
    """All raw files and folders of a data set: local, toy and downloaded."""
    paths = local_files(wildcards.dataset)
    if sources.is_toy(raw_entries(wildcards.dataset)):
        paths.append(rules.make_toys.output.raw)
    if sources.addresses(raw_entries(wildcards.dataset)):
        paths.append(rules.download.output.folder)
    return paths


def further_samples(dataset):
    """Further events of a data set by name: those to score, and recorded collisions."""
    declared = SETTINGS.datasets[dataset]
    recorded = {"data": declared.data} if declared.data else {}
    return {**declared.apply, **recorded}


def further_part(wildcards):
    """What the declaration says about further events of that name."""
    return parsing.as_dict(further_samples(wildcards.dataset)[wildcards.name])


def further_entries(wildcards):
    """All entries of files of further events."""
    return sources.entries(further_samples(wildcards.dataset)[wildcards.name].files)


def further_files(wildcards):
    """Files of further events, and the folder of those that are downloaded."""
    entries = further_entries(wildcards)
    paths = as_declared(map(sources.archive_of, sources.local_files(entries)))
    if sources.addresses(entries):
        paths.append(rules.download_further.output.folder)
    return paths
