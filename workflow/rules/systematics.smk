"""Systematic variations and recorded collisions of data sets, and which are fitted."""


def varied_part(wildcards):
    """What the declaration says about reading the events of one systematic."""
    systematics = config["datasets"][wildcards.dataset]["systematics"]
    name = wildcards.systematic
    return reading_part(wildcards) | {"systematics": {name: systematics[name]}}


def varied_entries(wildcards):
    """All entries of files that only a variation has."""
    systematic = SETTINGS.datasets[wildcards.dataset].systematics[wildcards.systematic]
    by_process = getattr(systematic, wildcards.direction).files
    return [entry for files in by_process.values() for entry in sources.entries(files)]


def varied_files(wildcards):
    """Files that only a variation has, and the folder of those that are downloaded."""
    entries = varied_entries(wildcards)
    paths = as_declared(map(sources.archive_of, sources.local_files(entries)))
    if sources.addresses(entries):
        paths.append(rules.download_variation.output.folder)
    return paths


def variation_paths(wildcards):
    """Tables of all variations of a data set, in the order of `variations_of`."""
    scored = rules.score_variation.output.scores
    weighted = rules.read_varied_weights.output.weights
    return [
        (scored if about["has_scores"] else weighted).format(**wildcards, **about)
        for about in variations_of(wildcards)
    ]


def variations_of(wildcards):
    """Systematic, direction and processes of each variation of a data set."""
    return variations.records(SETTINGS.datasets[wildcards.dataset])


def mirrored_in(wildcards):
    """Systematics of a data set with a variation up only."""
    return variations.mirrored(SETTINGS.datasets[wildcards.dataset])


def recorded_scores(wildcards):
    """Scores of recorded collisions, if a data set has any."""
    if SETTINGS.datasets[wildcards.dataset].data is None:
        return []
    names = {**wildcards, "name": "data"}
    return [rules.apply_model.output.scores.format(**names)]


def has_fits(dataset):
    """Whether a data set is fitted: it has several processes, systematics or data."""
    declared = SETTINGS.datasets[dataset]
    are_several = declared_processes.are_several(declared_processes.of(declared))
    return are_several or bool(declared.systematics or declared.data)


WITH_FITS = [dataset for dataset in DATASETS if has_fits(dataset)]


def spectrum_files(wildcards):
    """Fold files, if the spectrum above the cut is fitted or shown with the fit."""
    has_spectrum = SETTINGS.datasets[wildcards.dataset].spectrum is not None
    is_fitted = config["inference"]["observable"] == "spectrum"
    if not (has_spectrum and (is_fitted or wildcards.dataset in WITH_FITS)):
        return []
    output = rules.ingest.output
    return expand([output.train, output.test], dataset=wildcards.dataset)
