"""Write toy ntuples, one ROOT file per process, and recorded toy data."""

from pathlib import Path

from hepfold.core import logs
from hepfold.toys import ntuples


def make_ntuples(n_events: int, seed: int, paths: list[str]) -> None:
    """Write all files into one folder, from `n_events` generated events per process."""
    (folder,) = {str(Path(path).parent) for path in paths}
    ntuples.write_folder(folder, n_events, seed)


if __name__ == "__main__":
    logs.start(snakemake.log[0], snakemake.resources)
    make_ntuples(
        n_events=snakemake.params.settings["n_toy"],
        seed=sum(snakemake.params.settings[key] for key in ("seed", "toy_seed")),
        paths=list(snakemake.output),
    )
