"""Tests of toys.official_columns: numbers of columns of the official files."""

from hepfold.toys import official_columns


def test_higgsml_has_35_columns():
    """Id, 13 DER_, 17 PRI_, weight, label, set, weight of the set."""
    names = official_columns.HIGGSML
    assert len(names) == len(set(names)) == 35
    assert sum(name.startswith("DER_") for name in names) == 13
    assert sum(name.startswith("PRI_") for name in names) == 17
    assert (names[0], names[-4:]) == (
        "EventId",
        ("Weight", "Label", "KaggleSet", "KaggleWeight"),
    )


def test_higgs_has_21_low_level_and_7_high_level_features():
    names = official_columns.HIGGS
    assert len(official_columns.HIGGS_LOW_LEVEL) == 21
    assert len(official_columns.HIGGS_HIGH_LEVEL) == 7
    assert len(set(names)) == 29 and names[0] == "label"


def test_hepmass_has_27_features_and_the_mass():
    names = official_columns.HEPMASS
    assert len(set(names)) == 29
    assert (names[0], names[-1]) == ("# label", "mass")
