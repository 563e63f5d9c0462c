"""Values and names that every table of events shares."""

SIGNAL = 1
BACKGROUND = 0
CLASS_NAMES = {SIGNAL: "signal", BACKGROUND: "background"}

EVENT_ID = "event_id"
LABEL = "label"
WEIGHT = "weight"
SCORE = "score"
SUBSET = "subset"
FOLD = "fold"

# Where an event is used. `train` events are split into folds; the others are test
# events: `public` and `private` are the leaderboard parts of Higgs ML, and `unused`
# events belong to none of them. Files hold the position in SUBSETS.
TRAIN = "train"
PUBLIC = "public"
PRIVATE = "private"
UNUSED = "unused"
TEST = "test"
SUBSETS = (TRAIN, PUBLIC, PRIVATE, UNUSED, TEST)
