"""Toy ntuples like those of an analysis: one ROOT file per process, and recorded data.

Momenta are in MeV. Each file of simulated events has a tree of events, a second one
with a shifted jet energy scale, and the sum of its generator weights before any
selection.
"""

import dataclasses

import awkward as ak
import numpy as np

from hepfold.toys import draws, root_writer, same_sign_dileptons

Rng, Table = draws.Rng, draws.Table
Process = same_sign_dileptons.Process
PROCESSES = same_sign_dileptons.PROCESSES

NOMINAL, JES_UP, RUNS = "analysis/nominal", "analysis/JET_JES_1up", "Runs"
LUMINOSITY_IPB = 140_000.0
MISSING = -99.0
N_JETS_IN_COLUMNS = 4
MEV = ("pt", "met_met", "HT")
# Largest weight, in units of the mean, that the draw of recorded events allows.
MOST_WEIGHT = 3.0


@dataclasses.dataclass(frozen=True)
class Sample:
    """One file of simulated events.

    `part` is its position among the `n_parts` files of its process. Each event has the
    weight `generator_weight` or, if that is None, its share of the expected events.
    """

    process: Process
    generator_weight: float | None = 1.0
    part: int = 0
    n_parts: int = 1


# ASSUME: another shower radiates more jets, of lower energy.
HERWIG = dataclasses.replace(
    PROCESSES["ttbar"], n_radiated=1.8, jet_scale=0.97, radiated_b_rate=0.13
)
SAMPLES = {
    "signal": Sample(PROCESSES["ttH"], 0.5),
    "ttbar_a": Sample(PROCESSES["ttbar"], 730.0, 0, 2),
    "ttbar_b1": Sample(PROCESSES["ttbar"], 730.0, 1, 2),
    "ttW": Sample(PROCESSES["ttW"], 0.6),
    "ttZ": Sample(PROCESSES["ttZ"], 0.8),
    "other": Sample(PROCESSES["other"], None),
    "ttbar_herwig": Sample(HERWIG),
}
DATA = "data"


def write_folder(folder: str, n_events: int, seed: int) -> None:
    """Write a ROOT file for each sample, and one of recorded events.

    `n_events` of each process are generated; fewer pass the selection. The bytes depend
    only on `n_events` and `seed`.
    """
    for i_sample, (name, sample) in enumerate(SAMPLES.items()):
        rng = np.random.default_rng((seed, i_sample))
        first, last = (
            n_events * part // sample.n_parts for part in (sample.part, sample.part + 1)
        )
        trees = simulated(sample, first, last, n_events, rng)
        root_writer.write(f"{folder}/{name}.root", trees)
    rng = np.random.default_rng((seed, len(SAMPLES)))
    root_writer.write(f"{folder}/{DATA}.root", {NOMINAL: recorded(rng)})


def simulated(
    sample: Sample, first: int, last: int, n_total: int, rng: Rng
) -> dict[str, Table]:
    """Trees by name of the events `first` to `last` of the `n_total` of a process."""
    events = same_sign_dileptons.generate(sample.process, last - first, rng)
    each = sample.generator_weight
    if each is None:
        each = expected(sample.process) / n_total
    nominal = same_sign_dileptons.measure(events)
    keep = same_sign_dileptons.is_selected(nominal)
    of_generator = {
        "eventNumber": np.arange(first, last, dtype="u8") + 1,
        "weight_mc": (each * events.sign).astype("f4"),
    }
    tables = {NOMINAL: nominal, JES_UP: same_sign_dileptons.measure(events, 1.0)}
    trees = {
        name: columns(table | of_generator | same_sign_dileptons.weights(table), keep)
        for name, table in tables.items()
    }
    # A simulation runs in several jobs, each of which adds a row.
    jobs = np.array_split(of_generator["weight_mc"], 3)
    trees[RUNS] = {
        "genEventCount": np.array([len(job) for job in jobs], "i8"),
        "genEventSumw": np.array([job.sum(dtype="f8") for job in jobs]),
    }
    return trees


def expected(process: Process) -> float:
    """Expected events of a process before any selection."""
    return process.xsec_pb * LUMINOSITY_IPB


def recorded(rng: Rng) -> Table:
    """Columns of recorded events of all processes, without weights."""
    parts = [recorded_process(process, rng) for process in PROCESSES.values()]
    table = {n: np.concatenate([p[n] for p in parts], axis=-1) for n in parts[0]}
    order = rng.permutation(table["HT"].size)
    table = {name: values[..., order] for name, values in table.items()}
    table["eventNumber"] = np.arange(order.size, dtype="u8") + 1
    return columns(table, same_sign_dileptons.is_selected(table))


def recorded_process(process: Process, rng: Rng) -> Table:
    """Measured events of one process, as many as a Poisson draw gives.

    More are drawn than are expected, and kept in proportion to their mean weight.
    Events that overlap with another process are left to that process.
    """
    n_drawn = rng.poisson(MOST_WEIGHT * expected(process))
    events = same_sign_dileptons.generate(process, n_drawn, rng)
    table = same_sign_dileptons.measure(events)
    of_event = same_sign_dileptons.weights(table)
    weight = events.mean_sign / events.mean_sign.mean()
    weight = weight * of_event["weight_pileup"] * of_event["weight_btag"]
    keep = rng.random(n_drawn) * MOST_WEIGHT < weight
    keep &= ~events.is_overlap
    return {name: values[..., keep] for name, values in table.items()}


def columns(table: Table, keep: np.ndarray) -> Table:
    """Branches of the events to keep: MeV, float32, four jets, and a jagged `Jet`."""
    table = {name: values[..., keep] for name, values in table.items()}
    table = {n: v * 1000 if n.endswith(MEV) else v for n, v in table.items()}
    jets = {n: table.pop(n).astype("f4") for n in list(table) if n.startswith("jet_")}
    branches = {name: stored(values) for name, values in table.items()}
    exists = np.arange(N_JETS_IN_COLUMNS)[:, None] < table["n_jets"]
    for name, values in jets.items():
        rows = np.where(exists, values[:N_JETS_IN_COLUMNS], np.float32(MISSING))
        of_jet = name.removeprefix("jet_")
        branches |= {f"jet{i + 1}_{of_jet}": row for i, row in enumerate(rows)}
    counts = table["n_jets"]
    collection = {n.removeprefix("jet_"): jagged(v, counts) for n, v in jets.items()}
    return {**branches, "Jet": ak.zip(collection)}


def stored(values: np.ndarray) -> np.ndarray:
    """Values in the type of the file: counts as int32, other numbers as float32."""
    types = {np.dtype("i8"): "i4", np.dtype("f8"): "f4"}
    return values.astype(types.get(values.dtype, values.dtype))


def jagged(padded: np.ndarray, counts: np.ndarray) -> ak.Array:
    """The first `counts[i]` of each column `i` of an array (n_slots, n_events)."""
    exists = np.arange(len(padded))[:, None] < counts
    return ak.unflatten(padded.T[exists.T], counts)
