"""The simulations of all data sets, by name.

Each gives blocks of the official columns in order; a column of text holds codes.
"""

from hepfold.toys import hepmass, higgs, higgsml

BLOCKS = {
    "higgsml": higgsml.higgsml_blocks,
    "higgs": higgs.higgs_blocks,
    "hepmass": hepmass.hepmass_blocks,
}
# What the codes in the columns of text mean: `CATEGORIES[dataset][column][code]`.
CATEGORIES = {"higgsml": higgsml.CATEGORIES, "higgs": {}, "hepmass": {}}
