"""Write scores of other events as a ROOT tree, which can be a friend of their trees."""

from hepfold.core import logs, parsing, settings_datasets, settings_samples
from hepfold.data import event_reader, further_scores
from hepfold.publish import score_trees


def export_scores(
    scores_path: str, params: dict, downloaded: str, tree_path: str
) -> None:
    """Write the tree `scores` with as many entries as the trees of the sample."""
    names = params["wildcards"]
    declared = parsing.parse(params["dataset"], settings_datasets.Dataset)
    further = parsing.parse(params["sample"], settings_samples.Sample)
    plan = event_reader.EventReader(names["dataset"], declared).plan
    sample = further_scores.sample_of(
        plan, names["name"], declared, further, downloaded
    )
    n_entries = further_scores.n_entries(sample)
    score_trees.write(scores_path, tree_path, n_entries)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    export_scores(
        scores_path=snakemake.input.scores,
        params=snakemake.params.settings,
        downloaded=snakemake.params.downloaded,
        tree_path=snakemake.output.tree,
    )
