"""The simulations of all data sets, by name.

Each gives blocks of the official columns in order; a column of text holds codes.
"""

from hepfold import simulation_hepmass, simulation_higgs, simulation_higgsml

BLOCKS = {
    "higgsml": simulation_higgsml.higgsml_blocks,
    "higgs": simulation_higgs.higgs_blocks,
    "hepmass": simulation_hepmass.hepmass_blocks,
}
# What the codes in the columns of text mean: `CATEGORIES[dataset][column][code]`.
CATEGORIES = {"higgsml": simulation_higgsml.CATEGORIES, "higgs": {}, "hepmass": {}}
