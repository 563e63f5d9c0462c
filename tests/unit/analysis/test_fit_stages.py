"""Tests of analysis.fit_stages: predictions in the order of the bins."""

from hepfold.analysis import fit_stages

BINS = [
    {"channel": name, "low": low, "high": low + 0.5, "observed": count}
    for name, low, count in (("SR", 0, 7), ("SR", 0.5, None), ("CR", 0, 9))
]
# pyhf sorts channels and processes.
PREDICTIONS = [
    {"stage": stage, "channel": channel, "bin": i, "process": process}
    | {"expected": 10.0 * i + n, "expected_unc": None}
    for n, stage in enumerate(("prefit", "postfit"))
    for channel, n_bins in (("CR", 1), ("SR", 2))
    for process in ("bkg", "sig", fit_stages.TOTAL)
    for i in range(n_bins)
]


def test_rows_are_those_of_the_bins_and_of_one_stage():
    table = fit_stages.joined(PREDICTIONS, BINS, fit_stages.POSTFIT)
    assert table["stage"].unique().to_list() == ["postfit"]
    assert table["channel"].unique(maintain_order=True).to_list() == ["SR", "CR"]
    of_signal = table.filter(channel="SR", process="sig")
    assert of_signal["low"].to_list() == [0, 0.5]
    assert of_signal["expected"].to_list() == [1, 11]
    assert of_signal["observed"].to_list() == [7, None]
    assert len(table) == 9


def test_without_recorded_events_there_is_no_such_column():
    bins = [{k: v for k, v in row.items() if k != "observed"} for row in BINS]
    table = fit_stages.joined(PREDICTIONS, bins, fit_stages.PREFIT)
    assert "observed" not in table.columns
