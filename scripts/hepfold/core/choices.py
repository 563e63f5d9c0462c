"""Settings that choose one of several kinds, as `{kind: settings of the kind}`."""

from hepfold.core import logs


def chosen(part: dict, name: str) -> tuple[str, dict]:
    """The kind that a part of the configuration chooses, and its settings.

    Overlays of the configuration add keys and take none away, so that one switches a
    kind off by null: exactly one kind must not be null. `name` tells the part in the
    error.
    """
    kinds = [kind for kind, settings in part.items() if settings is not None]
    if len(kinds) != 1:
        found = ", ".join(kinds) or "none"
        raise logs.InputError(
            f"{name}: exactly one kind must be set, found {found}; "
            "switch the others off by null, and write {} for a kind without settings"
        )
    return kinds[0], part[kinds[0]]
