"""Column names and codes shared by all tables of events."""

SIGNAL = 1
BACKGROUND = 0
CLASS_NAMES = {SIGNAL: "signal", BACKGROUND: "background"}

EVENT_ID = "event_id"
LABEL = "label"
WEIGHT = "weight"
SCORE = "score"
# Mean scores of groups of the members of an ensemble, an array per event.
GROUP_SCORES = "group_scores"
SUBSET = "subset"
FOLD = "fold"
PROCESS = "process"
REGION = "region"
ROW = "row"
# Column, during reading, that determines the fold of an event without an id.
FOLD_KEY = "(fold key)"
# Column of calibrated scores: the probability of signal for equal sums of both classes.
CALIBRATED = "calibrated"
# Extra column of training events: the variable that scores must not sculpt.
SPECTRUM = "(spectrum)"
# Extra columns of training events of a multi-class model: the position of the class,
# and the weight before the training changes negative ones.
CLASS = "(class)"
EXPECTED = "(expected events)"

# Name of the sample of recorded collisions.
RECORDED = "data"

# Subsets of events. `train` events are split into folds; all others are test events.
# `public` and `private` are the leaderboard sets of Higgs ML; `unused` events belong to
# neither. Files store the position in SUBSETS.
TRAIN = "train"
PUBLIC = "public"
PRIVATE = "private"
UNUSED = "unused"
TEST = "test"
SUBSETS = (TRAIN, PUBLIC, PRIVATE, UNUSED, TEST)

# Minimum number of events of each class in an evaluated subset: with this number, about
# one in 10^8 bootstrap replicas is empty.
N_LEAST = 20
