"""Choose the trials of one rung of a search."""

from hepfold.core import files, logs, parsing, settings_training
from hepfold.training import candidates


def choose_trials(previous_paths: list[str], params: dict, rung_path: str) -> None:
    """Write the candidates of one rung and the number of epochs to train them."""
    wildcards = params["wildcards"]
    numbers = {name: int(wildcards[name]) for name in ("fold", "bracket", "rung")}
    rung = candidates.rung(
        parsing.parse(params["search"], settings_training.Search),
        numbers["bracket"],
        numbers["rung"],
        params["seed"],
        [files.read_json(path) for path in previous_paths],
    )
    files.write_json(rung_path, wildcards | numbers | rung)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    choose_trials(
        previous_paths=snakemake.input.previous,
        params=snakemake.params.settings,
        rung_path=snakemake.output.json,
    )
