"""Methods text: preparation of the features, and symmetries of the events."""

from hepfold.core import settings_datasets, settings_models, settings_training
from hepfold.data import datasets
from hepfold.publish import phrases

SCALINGS = {
    "standard": (
        "Features were scaled to mean zero and variance one, long-tailed ones after "
        "taking a logarithm"
    ),
    "plain": "Features were scaled to mean zero and variance one",
    "min_max": "Features were scaled to the range from zero to one",
    "quantile": "Features were mapped to a normal distribution by their quantiles",
    "none": "Features were not scaled",
}


def sentences(model: settings_models.BaseModel, roles: datasets.Dataset) -> list[str]:
    """How features were prepared, and which symmetry was used."""
    settings, bodies = model.preparation, bodies_of(model.features, roles)
    if isinstance(model, settings_models.Transformer):
        return [
            "Features of particles, jets and pairs of them, and those of the event, "
            "were scaled to mean zero and variance one.",
            "Azimuths entered by the cosines of their differences alone, so that "
            "scores did not change under rotations around the beam.",
            added(settings, bodies, roles, has_pairs=False),
            reflected(model),
        ]
    return [
        f"{SCALINGS[settings.scaling]}.",
        cartesian(settings.vectors, bodies, roles),
        added(settings, bodies, roles, has_pairs=settings.pairs),
        turned(model, bodies),
    ]


def cartesian(
    has_vectors: bool, bodies: list[settings_datasets.Body], roles: datasets.Dataset
) -> str:
    """Whether momenta were given as components, for bodies with azimuths."""
    if not (has_vectors and bodies):
        return ""
    if not roles.momenta_are_positive:
        return "Azimuths were given as cosine and sine."
    return "Transverse momenta were also given as Cartesian components."


def added(
    settings: settings_training.Preparation | settings_training.ParticlePreparation,
    bodies: list[settings_datasets.Body],
    roles: datasets.Dataset,
    has_pairs: bool,
) -> str:
    """Features that were computed from those of bodies, if there are any."""
    parts = []
    if has_pairs and len(bodies) > 1:
        masses = "masses and " if roles.momenta_are_positive else ""
        parts.append(f"{masses}cosines of azimuth differences of all pairs of bodies")
    largest = min(settings.systems, len(bodies))
    if largest > 2 and roles.momenta_are_positive:
        parts.append(
            "masses and transverse momenta of all systems of "
            f"{'three' if largest == 3 else f'three to {largest}'} bodies"
        )
    if settings.decays and roles.decays.candidates and bodies:
        names = phrases.names(roles.decays.candidates)
        parts.append(
            f"properties of the best candidates of declared decays ({names}), as far "
            "as their bodies were among the features"
        )
    return f"Added were {phrases.listing(parts)}." if parts else ""


def turned(model: settings_models.Model, bodies: list[settings_datasets.Body]) -> str:
    """How rotations and reflections were used; nothing without bodies."""
    use = model.symmetry.use if bodies else "none"
    if use == "orientation":
        return "All events were rotated and reflected to a common orientation."
    if use == "augmentation":
        return (
            "In training, events were rotated around the beam and reflected at random; "
            f"scores were means over {phrases.count(model.symmetry.n_views, 'view')} "
            "of an event for each member."
        )
    return ""


def reflected(model: settings_models.Transformer) -> str:
    """How reflections along the beam were used by transformers."""
    if model.symmetry.use == "orientation":
        return "All events were reflected along the beam to a common orientation."
    if model.symmetry.use == "augmentation":
        return (
            "In training, events were reflected along the beam at random; scores were "
            f"means over {phrases.count(model.symmetry.n_views, 'view')} of an event."
        )
    return ""


def bodies_of(
    feature_set: str, roles: datasets.Dataset
) -> list[settings_datasets.Body]:
    """Bodies whose momentum and angles are all in a feature set."""
    chosen = set(roles.feature_sets[feature_set])
    return [body for body in roles.bodies if chosen.issuperset(body.names)]
