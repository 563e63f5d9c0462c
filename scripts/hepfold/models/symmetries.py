"""Rotations and reflections under which the physics of an event is unchanged.

The beam is an axis of symmetry: an event may be rotated around it, and reflected in a
plane that contains it or in the plane perpendicular to it. Prepared features have the
same symmetries: scalars are invariant, odd features (pseudorapidities) change sign, and
pairs of components rotate. Transforming prepared features is therefore the same as
preparing transformed events, but much faster.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import torch
from torch import Tensor

from hepfold.core import settings_layers
from hepfold.models import joint_batch

Symmetry = settings_layers.Symmetry | settings_layers.Orientation

# Combinations of the reflections in azimuth and along the beam.
N_REFLECTIONS = 4


@dataclass(frozen=True)
class Columns:
    """Numbers of prepared features by kind, in the order of their columns.

    There are `n_vectors` x components, then as many y components. Category codes are
    last.
    """

    n_scalars: int
    n_odd: int
    n_vectors: int
    n_codes: int

    @property
    def odd(self) -> slice:
        """Columns of the features that change sign with the beam direction."""
        return slice(self.n_scalars, self.n_scalars + self.n_odd)

    @property
    def x(self) -> slice:
        """Columns of the x components."""
        return slice(self.odd.stop, self.odd.stop + self.n_vectors)

    @property
    def y(self) -> slice:
        """Columns of the y components."""
        return slice(self.x.stop, self.x.stop + self.n_vectors)


def turned(
    events: Tensor,
    columns: Columns,
    angle: Tensor,
    sign_y: Tensor | float,
    sign_z: Tensor | float,
) -> Tensor:
    """Events rotated by an angle in rad, then reflected where a sign is -1.

    Takes prepared features (..., n_events, n_prepared); angle and signs must broadcast
    to (..., n_events, 1).
    """
    x, y = events[..., columns.x], events[..., columns.y]
    sin, cos = angle.sin(), angle.cos()
    out = events.clone()
    out[..., columns.odd] *= sign_z
    out[..., columns.x] = x * cos - y * sin
    out[..., columns.y] = (x * sin + y * cos) * sign_y
    return out


def turned_at_random(events: Tensor, columns: Columns) -> Tensor:
    """Events, each with an independent uniform rotation and random reflections."""
    shape = (*events.shape[:-2], joint_batch.n_joint(events.shape[-2]), 1)
    draw = joint_batch.local_part(torch.rand((3, *shape), device=events.device), -2)
    signs = 1 - 2 * (draw[1:] < 0.5).to(events.dtype)
    return turned(events, columns, 2 * math.pi * draw[0], signs[0], signs[1])


def turned_evenly(
    events: Tensor, columns: Columns, i_view: int, n_views: int, n_members: int
) -> Tensor:
    """View `i_view` of `n_views` of the events for each member.

    From (n_events, n_prepared) to (n_members, n_events, n_prepared). Views run through
    all reflections, then through equal angles. An additional angle per member makes the
    angles of all members fill the circle evenly, so that few views per member suffice.
    View 0 of member 0 shows the unchanged events.
    """
    i_angle, i_reflection = divmod(i_view, N_REFLECTIONS)
    step = 2 * math.pi / math.ceil(n_views / N_REFLECTIONS)
    # With two views, the second is reflected in both ways.
    sign_y = 1.0 - 2 * (i_reflection % 2)
    sign_z = sign_y * (1 - 2 * (i_reflection // 2))
    offset = torch.arange(n_members, device=events.device) * (step / n_members)
    # Acts as if the reflection came before the offset, so that transforming the events
    # only changes the order of the views that a member sees.
    angle = (i_angle * step + sign_y * offset).view(-1, *[1] * events.ndim)
    return turned(
        events.expand(n_members, *events.shape), columns, angle, sign_y, sign_z
    )


def view_matrices(symmetry: Symmetry, columns: Columns, n_members: int) -> list[Tensor]:
    """Matrices that turn prepared features into each view; none without augmentation.

    Each is (n_members, n_prepared, n_prepared).
    """
    if symmetry.use != "augmentation":
        return []
    unit, n_views = torch.eye(columns.y.stop + columns.n_codes), symmetry.n_views
    return [
        turned_evenly(unit, columns, i_view, n_views, n_members)
        for i_view in range(n_views)
    ]


def oriented(events: Tensor, columns: Columns) -> Tensor:
    """Events in a common orientation, which is invariant under the symmetries.

    The first vector points along x; the y component of the second vector and the first
    odd feature are not negative.
    """
    # Ratios in double precision round to the same float32 for symmetric events. Trees
    # cut at values of events, so a difference in the last digit could change a score.
    x, y = events[..., columns.x].double(), events[..., columns.y].double()
    length = (x[..., :1].square() + y[..., :1].square()).sqrt()
    cos = torch.where(length > 0, x[..., :1] / length, 1.0)
    sin = torch.where(length > 0, -y[..., :1] / length, 0.0)
    turned_y = x * sin + y * cos
    odd = events[..., columns.odd]
    out = events.clone()
    out[..., columns.odd] = odd * sign(odd[..., :1])
    out[..., columns.x] = (x * cos - y * sin).float()
    out[..., columns.y] = (turned_y * sign(turned_y[..., 1:2])).float()
    # Exactly zero: otherwise, trees would cut at rounding errors.
    out[..., columns.y.start : columns.y.start + 1] = 0.0
    return out


def sign(values: Tensor) -> Tensor:
    """One, or minus one if a value is negative."""
    return 1 - 2 * (values < 0).to(values.dtype)


def possible(symmetry: Symmetry, bodies: Sequence) -> Symmetry:
    """The symmetry of a model; none without bodies, since nothing can rotate."""
    return symmetry if bodies else msgspec.structs.replace(symmetry, use="none")
