"""The base class of all settings, and ranges of numbers that many settings share."""

from typing import Annotated

from msgspec import Meta, Struct

Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1)]
NonNegative = Annotated[float, Meta(ge=0)]
PositiveFloat = Annotated[float, Meta(gt=0)]
# Fractions from 0 to 1: including both ends, without 1, without 0, without either.
Fraction = Annotated[float, Meta(ge=0, le=1)]
FractionBelow1 = Annotated[float, Meta(ge=0, lt=1)]
FractionAbove0 = Annotated[float, Meta(gt=0, le=1)]
OpenFraction = Annotated[float, Meta(gt=0, lt=1)]
Factor = Annotated[float, Meta(ge=1)]
Value = str | bool | int | float | None
Momenta = tuple[FractionBelow1, FractionBelow1]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of settings; unknown keys are rejected."""

    @property
    def kind(self) -> str:
        """Name of the kind, e.g. `adamw`."""
        return self.__struct_config__.tag
