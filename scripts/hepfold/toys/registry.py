"""Toy generators of all data sets, by name.

Each yields blocks of the official columns in order; text columns hold codes.
"""

from hepfold.toys import hepmass, higgs, higgsml

BLOCKS = {
    "higgsml": higgsml.higgsml_blocks,
    "higgs": higgs.higgs_blocks,
    "hepmass": hepmass.hepmass_blocks,
}
# Texts of the codes: `CATEGORIES[dataset][column][code]`.
CATEGORIES = {"higgsml": higgsml.CATEGORIES, "higgs": {}, "hepmass": {}}
