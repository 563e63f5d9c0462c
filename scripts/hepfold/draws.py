"""Some of many events, drawn by a seed: as many as an explanation needs."""

import numpy as np

from hepfold import arrays


def some(events: arrays.Events, n_events: int, seed: int) -> arrays.Events:
    """At most `n_events` of the events, in the order of their ids.

    All are as likely to be drawn, whatever their weights; which are drawn does not
    depend on the order in which they come.
    """
    order = np.argsort(events.event_id, kind="stable")
    if len(order) > n_events:
        rng = np.random.default_rng(seed)
        order = order[np.sort(rng.choice(len(order), n_events, replace=False))]
    return events.take(order)
