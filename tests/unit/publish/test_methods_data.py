"""Tests of publish.methods_data: events, features and folds as the run had them."""

import msgspec
import public_sets
import pytest
import records

from hepfold.core import settings
from hepfold.core.settings_samples import Process
from hepfold.publish import methods_data

HIGGSML = public_sets.DECLARED["higgsml"]
PROCESSES = {
    "ttH": Process("a.root", "signal", xsec_pb=0.5, sum_of_weights=1.0),
    "ttW": Process("b.root", "background", title="ttbar W"),
    "ttZ": Process("c.root", "background"),
}


def text(repo, record: dict, **changes) -> str:
    declared = msgspec.structs.replace(HIGGSML, **changes)
    described = methods_data.of_events(record, declared, records.citation(repo))
    return " ".join(described.split())


def test_official_events_are_cited_and_toy_events_are_called_toy(repo):
    official = text(repo, records.FULL)
    assert "official simulated events" in official and "[@data_higgsml]" in official
    toy = text(repo, records.record(toy=True))
    assert toy.startswith("Toy events") and "no physical meaning" in toy
    assert "official" not in toy and "@" not in toy


def test_events_of_a_user_have_their_reference(repo):
    record = records.record(dataset="tth", source=["a.root", "b.root"])
    described = text(repo, record, title="ttH", citation="A. Author 2026")
    assert "Events of ttH were read from 2 files (A. Author 2026)." in described


def test_subsets_have_their_numbers(repo):
    described = text(repo, records.FULL)
    assert "250,000 training events" in described
    assert "100,000 public test and 450,000 private test events" in described
    assert "no test events" in text(repo, records.record())


def test_processes_selection_and_luminosity_are_given(repo):
    described = text(
        repo,
        records.record(),
        processes=PROCESSES,
        label=None,
        files=None,
        select="n_jets >= 4",
        luminosity_ipb=1000.0,
    )
    assert "Signal was ttH and background was ttbar W and ttZ." in described
    assert "selected by `n_jets >= 4`" in described
    assert "integrated luminosity of 1000/pb" in described


@pytest.mark.parametrize("rule", methods_data.RULES)
def test_negative_weights_follow_the_rule(repo, rule):
    described = text(repo, records.FULL, negative_weights=rule)
    assert methods_data.RULES[rule] in described


def test_the_normalization_is_that_of_the_data_set(repo):
    assert "691.989 expected signal events" in text(repo, records.FULL)
    summed = text(repo, records.FULL, normalization="weights")
    assert "sum of the weights of training and test events" in summed


def test_the_weight_is_named(repo):
    assert "weight `Weight`" in text(repo, records.FULL)
    assert "had the weight one" in text(repo, records.FULL, weight=None)


def test_features_of_a_set_are_counted_and_named():
    described = methods_data.of_features("all", HIGGSML, ["mlp"])
    assert "The model `mlp` used 30 features" in " ".join(described.split())
    assert described.count("`PRI_jet_num`") == 2
    assert "-999" in described
    both = methods_data.of_features("all", HIGGSML, ["a", "b"])
    assert both.startswith("The models `a` and `b` used")


RAW = settings.Evaluation()


def folds(evaluation: settings.Evaluation = RAW, **changes) -> str:
    described = methods_data.of_folds(settings.Folds(**changes), evaluation)
    return " ".join(described.split())


def test_folds_that_were_not_trained_are_named():
    assert "4 folds" in folds(n_folds=4) and "trained for" not in folds(n_folds=4)
    described = folds(n_folds=4, n_trained=2)
    assert "trained for 2 of the 4 folds" in described
    assert "models of all trained folds" in described


def test_ranked_scores_are_described():
    ranked = folds(settings.Evaluation(fold_scores="rank"))
    assert "same fraction of the out-of-fold background" in ranked
    assert "same fraction" not in folds()
