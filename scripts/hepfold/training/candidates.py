"""Candidates of a search and what their trials tell, by Optuna."""

import optuna
import polars as pl

from hepfold.core import logs, overlays, settings_training
from hepfold.training import hyperband

optuna.logging.set_verbosity(optuna.logging.WARNING)
# Merits of a trial, and whether more of it is better.
RISES = {"accuracy": True, "auc": True, "log_loss": False}
# Columns of a table of trials that are no settings, and those that are numbers.
NAMES = ("dataset", "model", "fold", "bracket", "rung", "trial")
BUDGET = "n_epochs"
# Draws in a row that give no new candidate before all are taken to be found.
VAIN_DRAWS = 10_000
# Seeds of Optuna are those of 32 bits.
SEEDS = 2**32


def candidates(space: settings_training.Space, n: int, seed: int) -> list[dict]:
    """Different candidates drawn at random, {path: value} each; all if they are fewer.

    By the seed and the space alone, so that no trial has to wait for another's result.
    """
    n = min(n, overlays.size(space) or n)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed % SEEDS))
    kinds = {path: distribution(values) for path, values in space.items()}
    found, n_vain = [], 0
    while len(found) < n:
        drawn = study.ask(kinds).params
        if drawn not in found:
            found, n_vain = [*found, drawn], 0
            continue
        n_vain += 1
        if n_vain == VAIN_DRAWS:
            raise logs.InputError(
                f"the space of the search has less than {n} candidates that differ: "
                "widen its ranges"
            )
    return found


def distribution(
    values: settings_training.Values,
) -> optuna.distributions.BaseDistribution:
    """Values of a setting as Optuna draws them, each of a list with equal chance."""
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
    """The trials of one rung: `n_epochs`, and the `candidates` that have them.

    Parameters
    ----------
    search
        Settings of the search.
    s, i_rung
        Numbers of the bracket and of the rung.
    seed
        Of the drawn candidates.
    previous
        Results of the rung before, in the order of its trials.
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
    """The merit of a trial such that more is better; None if it diverged."""
    value = result[merit]
    return value if value is None or RISES[merit] else -value


def best(results: list[dict], merit: str) -> dict:
    """The best of the trials with the most epochs; of equal ones the earlier.

    Li et al. take the best of all trials. The settings are for full trainings, of which
    shorter ones tell less.
    """
    most = max(result[BUDGET] for result in results)
    full = [result for result in results if result[BUDGET] == most]
    merits = [signed(result, merit) for result in full]
    if all(value is None for value in merits):
        raise logs.InputError(
            "every trial of all epochs diverged: search lower values of learning_rate"
        )
    return hyperband.survivors(full, merits, 1)[0]


def table(results: list[dict]) -> pl.DataFrame:
    """One row per trial: its names, its settings, and its merits."""
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
    """Part of each setting, and of the epochs, in how well trials do; sum one.

    By PED-ANOVA (Watanabe, Bansal, Hutter 2023, arXiv:2304.10255): how much more often
    the better half of the trials has some values than all trials have.
    """
    told = trials.filter(pl.col(merit).is_not_null())
    kinds = {path: distribution(values) for path, values in space.items()}
    epochs = told[BUDGET].unique().sort().to_list()
    kinds[BUDGET] = optuna.distributions.CategoricalDistribution(epochs)
    direction = "maximize" if RISES[merit] else "minimize"
    study = optuna.create_study(direction=direction)
    for row in told.iter_rows(named=True):
        values = {path: row[path] for path in kinds}
        study.add_trial(
            optuna.trial.create_trial(
                params=values, distributions=kinds, value=row[merit]
            )
        )
    better_half = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.5)
    return optuna.importance.get_param_importances(study, evaluator=better_half)
