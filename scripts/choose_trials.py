"""Choose the trials of one rung of a search."""

from hepfold.core import files, logs
from hepfold.training import candidates


def choose_trials(previous_paths: list[str], settings: dict, rung_path: str) -> None:
    """Write which candidates are trained in one rung, and for how many epochs."""
    wildcards = settings["wildcards"]
    numbers = {name: int(wildcards[name]) for name in ("fold", "bracket", "rung")}
    rung = candidates.rung(
        settings["search"],
        numbers["bracket"],
        numbers["rung"],
        settings["seed"],
        [files.read_json(path) for path in previous_paths],
    )
    files.write_json(rung_path, wildcards | numbers | rung)


if __name__ == "__main__":
    logs.start(snakemake.log[0])
    choose_trials(
        previous_paths=snakemake.input.previous,
        settings=snakemake.params.settings,
        rung_path=snakemake.output.json,
    )
