"""Candidates of a hyperparameter search and results of their trials, with Optuna."""

import optuna
import polars as pl

from hepfold.core import logs, overlays, settings_training
from hepfold.training import hyperband

optuna.logging.set_verbosity(optuna.logging.WARNING)
# Figures of merit of a trial, and whether larger is better.
RISES = {"accuracy": True, "auc": True, "log_loss": False}
# Columns that identify a trial.
NAMES = ("dataset", "model", "fold", "bracket", "rung", "trial")
BUDGET = "n_epochs"
# Repeated draws in a row after which the space counts as exhausted.
MAX_REPEATS = 10_000
# Number of seeds: Optuna accepts 32 bits.
N_SEEDS = 2**32


def candidates(space: settings_training.Space, n: int, seed: int) -> list[dict]:
    """`n` different random candidates {path: value}; all of them in a smaller space.

    They depend only on seed and space, so no trial waits for the result of another.
    """
    n = min(n, overlays.size(space) or n)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed % N_SEEDS))
    kinds = {path: distribution(values) for path, values in space.items()}
    different, n_repeats = [], 0
    while len(different) < n:
        candidate = study.ask(kinds).params
        if candidate not in different:
            different.append(candidate)
            n_repeats = 0
            continue
        n_repeats += 1
        if n_repeats == MAX_REPEATS:
            raise logs.InputError(
                f"the search space has fewer than {n} different candidates: "
                "widen its ranges"
            )
    return different


def distribution(
    values: settings_training.Values,
) -> optuna.distributions.BaseDistribution:
    """The Optuna distribution of a setting; listed values are equally likely."""
    if not isinstance(values, settings_training.Range):
        return optuna.distributions.CategoricalDistribution(values)
    low, high, log = values.low, values.high, values.log
    if type(low) is int:
        return optuna.distributions.IntDistribution(low, high, log)
    return optuna.distributions.FloatDistribution(low, high, log)


def rung(
    search: settings_training.Search,
    s: int,
    i_rung: int,
    seed: int,
    previous: list[dict],
) -> dict:
    """The trials of one rung: `n_epochs`, and the `candidates` trained for so long.

    Parameters
    ----------
    search
        Settings of the search.
    s, i_rung
        Indices of the bracket and of the rung.
    seed
        Seeds the random candidates.
    previous
        Results of the previous rung, in the order of its trials.
    """
    plan = hyperband.plan(search)
    if i_rung == 0:
        n_drawn = sum(rungs[0].n_trials for rungs in plan.values())
        drawn = candidates(search.space, n_drawn, seed)
        chosen = hyperband.first_candidates(plan, drawn, s)
    else:
        merits = [signed(result, search.merit) for result in previous]
        tried = [result["values"] for result in previous]
        chosen = hyperband.survivors(tried, merits, plan[s][i_rung].n_trials)
    return {"n_epochs": plan[s][i_rung].n_epochs, "candidates": chosen}


def signed(result: dict, merit: str) -> float | None:
    """The merit of a trial, signed so that larger is better; None if it diverged."""
    value = result[merit]
    return value if value is None or RISES[merit] else -value


def best(results: list[dict], merit: str) -> dict:
    """The best trial among those with the most epochs; the earlier one on a tie.

    Li et al. take the best of all trials. Here, the settings are used for full
    trainings, which shorter trials predict less well.
    """
    most = max(result[BUDGET] for result in results)
    full = [result for result in results if result[BUDGET] == most]
    merits = [signed(result, merit) for result in full]
    if all(value is None for value in merits):
        raise logs.InputError(
            "all trials with the most epochs diverged: search a lower learning_rate"
        )
    return hyperband.survivors(full, merits, 1)[0]


def table(results: list[dict]) -> pl.DataFrame:
    """One row per trial: identifiers, settings and figures of merit."""
    rows = []
    for result in results:
        row = {name: result[name] for name in NAMES}
        row |= {BUDGET: result[BUDGET], **result["values"]}
        rows.append(row | {merit: result[merit] for merit in RISES})
    types = {merit: pl.Float64 for merit in RISES}
    return pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None)


def importance(
    trials: pl.DataFrame, space: settings_training.Space, merit: str
) -> dict[str, float]:
    """Relative importance of each setting, and of the epochs; the sum is one.

    PED-ANOVA (Watanabe, Bansal, Hutter 2023, arXiv:2304.10255): compares how the values
    of a setting are distributed in the better half of the trials and in all trials.
    """
    completed = trials.filter(pl.col(merit).is_not_null())
    kinds = {path: distribution(values) for path, values in space.items()}
    epochs = completed[BUDGET].unique().sort().to_list()
    kinds[BUDGET] = optuna.distributions.CategoricalDistribution(epochs)
    direction = "maximize" if RISES[merit] else "minimize"
    study = optuna.create_study(direction=direction)
    for row in completed.iter_rows(named=True):
        values = {path: row[path] for path in kinds}
        study.add_trial(
            optuna.trial.create_trial(
                params=values, distributions=kinds, value=row[merit]
            )
        )
    better_half = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.5)
    return optuna.importance.get_param_importances(study, evaluator=better_half)
