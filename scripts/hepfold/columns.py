"""Values and names that every table of events shares."""

SIGNAL = 1
BACKGROUND = 0

EVENT_ID = "event_id"
LABEL = "label"
WEIGHT = "weight"
SCORE = "score"
SUBSET = "subset"
FOLD = "fold"

# Where an event is used. `train` events are split into folds; the others are test
# events: `public` and `private` are the leaderboard parts of Higgs ML, and `unused`
# events belong to none of them.
TRAIN = "train"
PUBLIC = "public"
PRIVATE = "private"
UNUSED = "unused"
SUBSETS = (TRAIN, PUBLIC, PRIVATE, UNUSED)
