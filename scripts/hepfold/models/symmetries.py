"""Rotations and reflections that leave the physics of an event as it is.

The beam is an axis of symmetry: an event may be turned around it, mirrored at a plane
that holds it, and mirrored at the plane across it. `features` prepares what an event is
made of so that each acts on it as on the momenta themselves: scalars stay, odd features
(pseudorapidities) change their sign, and pairs of components turn. To turn prepared
features is therefore the same as to prepare turned events, only much faster.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from hepfold.models import joint_batch

# Reflections in azimuth and along the beam: one of each sign.
N_REFLECTIONS = 4


@dataclass(frozen=True)
class Columns:
    """Prepared features in this order; `n_vectors` is that of x and y components each.

    The codes of categories are last.
    """

    n_scalars: int
    n_odd: int
    n_vectors: int
    n_codes: int

    @property
    def odd(self) -> slice:
        """Where features are that change their sign along the beam."""
        return slice(self.n_scalars, self.n_scalars + self.n_odd)

    @property
    def x(self) -> slice:
        """Where the x components are."""
        return slice(self.odd.stop, self.odd.stop + self.n_vectors)

    @property
    def y(self) -> slice:
        """Where the y components are."""
        return slice(self.x.stop, self.x.stop + self.n_vectors)


def turned(
    events: Tensor,
    columns: Columns,
    angle: Tensor,
    sign_y: Tensor | float,
    sign_z: Tensor | float,
) -> Tensor:
    """Events turned by an angle in rad, then mirrored where a sign is -1.

    Takes prepared features (..., n_events, n_prepared) and numbers that broadcast
    against (..., n_events, 1).
    """
    x, y = events[..., columns.x], events[..., columns.y]
    sin, cos = angle.sin(), angle.cos()
    out = events.clone()
    out[..., columns.odd] *= sign_z
    out[..., columns.x] = x * cos - y * sin
    out[..., columns.y] = (x * sin + y * cos) * sign_y
    return out


def turned_at_random(events: Tensor, columns: Columns) -> Tensor:
    """Every event turned and mirrored in its own way, each as likely as any other."""
    shape = (*events.shape[:-2], joint_batch.n_joint(events.shape[-2]), 1)
    draw = joint_batch.local_part(torch.rand((3, *shape), device=events.device), -2)
    signs = 1 - 2 * (draw[1:] < 0.5).to(events.dtype)
    return turned(events, columns, 2 * math.pi * draw[0], signs[0], signs[1])


def turned_evenly(
    events: Tensor, columns: Columns, i_view: int, n_views: int, n_members: int
) -> Tensor:
    """View `i_view` of `n_views` of events, one for each member.

    From (n_events, n_prepared) to (n_members, n_events, n_prepared). Views are all
    reflections, then equal angles. Each member is turned further by an angle of its
    own, so that together they fill the circle evenly: few views of each are enough.
    View 0 of member 0 is the events as they are.
    """
    i_angle, i_reflection = divmod(i_view, N_REFLECTIONS)
    step = 2 * math.pi / math.ceil(n_views / N_REFLECTIONS)
    # Of two views, the second is mirrored in both ways.
    sign_y = 1.0 - 2 * (i_reflection % 2)
    sign_z = sign_y * (1 - 2 * (i_reflection // 2))
    own = torch.arange(n_members, device=events.device) * (step / n_members)
    # As if the reflection came before the member's own turn: what turns or mirrors the
    # events then only changes the order of the views that a member sees.
    angle = (i_angle * step + sign_y * own).view(-1, *[1] * events.ndim)
    return turned(
        events.expand(n_members, *events.shape), columns, angle, sign_y, sign_z
    )


def oriented(events: Tensor, columns: Columns) -> Tensor:
    """Events in one common orientation.

    The first vector points along x, the second has its y, and the first odd feature
    its sign, above zero: what turns or mirrors an event changes nothing here.
    """
    # In double precision, and by a ratio: then float32 rounds to the same everywhere,
    # also where trees cut, which is at values of events.
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
    # Exactly: trees would cut at what rounding leaves there.
    out[..., columns.y.start : columns.y.start + 1] = 0.0
    return out


def sign(values: Tensor) -> Tensor:
    """One, or minus one where a value is negative."""
    return 1 - 2 * (values < 0).to(values.dtype)
