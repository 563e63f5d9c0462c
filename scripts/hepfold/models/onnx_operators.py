"""Replacements for functions of torch during ONNX export.

ONNX lacks them, or onnxruntime lacks them in double precision. Each is expressed by
other functions of torch.
"""

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

# Rational approximations of the normal quantile, lowest power first: Wichura 1988,
# Applied Statistics 37, 477, algorithm AS 241 (PPND16). The central one is in
# 0.180625 - q^2 with q = p - 1/2, for |q| up to 0.425; the outer one is in r - 1.6 with
# r^2 = -log(min(p, 1 - p)), for r up to 5.
CENTRAL = (
    (
        3.3871328727963666080e0,
        1.3314166789178437745e2,
        1.9715909503065514427e3,
        1.3731693765509461125e4,
        4.5921953931549871457e4,
        6.7265770927008700853e4,
        3.3430575583588128105e4,
        2.5090809287301226727e3,
    ),
    (
        1.0,
        4.2313330701600911252e1,
        6.8718700749205790830e2,
        5.3941960214247511077e3,
        2.1213794301586595867e4,
        3.9307895800092710610e4,
        2.8729085735721942674e4,
        5.2264952788528545610e3,
    ),
)
OUTER = (
    (
        1.42343711074968357734e0,
        4.63033784615654529590e0,
        5.76949722146069140550e0,
        3.64784832476320460504e0,
        1.27045825245236838258e0,
        2.41780725177450611770e-1,
        2.27238449892691845833e-2,
        7.74545014278341407640e-4,
    ),
    (
        1.0,
        2.05319162663775882187e0,
        1.67638483018380384940e0,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    ),
)


class Replacing(TorchFunctionMode):
    """A context in which functions of this module replace those of torch."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        replaced = {
            torch.Tensor.nan_to_num_: nan_to_zero,
            torch.cosh: cosh,
            torch.sinh: sinh,
            torch.searchsorted: searchsorted,
            torch.special.ndtri: ndtri,
        }
        return replaced.get(function, function)(*args, **(kwargs or {}))


def cosh(x: Tensor) -> Tensor:
    """Hyperbolic cosine."""
    return (x.exp() + (-x).exp()) / 2


def sinh(x: Tensor) -> Tensor:
    """Hyperbolic sine."""
    return (x.exp() - (-x).exp()) / 2


def nan_to_zero(x: Tensor) -> Tensor:
    """Values with zero for NaN.

    Infinities stay; torch makes them the largest double, which is infinite in float32.
    """
    return torch.where(x.isnan(), 0.0, x)


def searchsorted(rows: Tensor, values: Tensor) -> Tensor:
    """Number of elements in the same row below each value (n_rows, n_values).

    `rows` (n_rows, n) are sorted. Uses bisection: the first step skips half of the
    elements, the next one a quarter, and so on. Unlike in torch, no element is below
    NaN.
    """
    n = rows.shape[1]
    n_below = torch.zeros_like(values, dtype=torch.int64)
    for power in reversed(range(n.bit_length())):
        ahead = n_below + 2**power
        last = rows.gather(1, (ahead - 1).clamp(max=n - 1))
        n_below = torch.where((ahead <= n) & (last < values), ahead, n_below)
    return n_below


def ndtri(p: Tensor) -> Tensor:
    """Quantile of the normal distribution at p from 1e-11 to 1 - 1e-11."""
    q = p - 0.5
    central = q * ratio(0.180625 - q * q, *CENTRAL)
    r = (-torch.minimum(p, 1 - p).log()).sqrt()
    outer = q.sign() * ratio(r - 1.6, *OUTER)
    return torch.where(q.abs() <= 0.425, central, outer)


def ratio(x: Tensor, above: tuple[float, ...], below: tuple[float, ...]) -> Tensor:
    """Ratio of two polynomials, lowest power first."""
    return polynomial(x, above) / polynomial(x, below)


def polynomial(x: Tensor, factors: tuple[float, ...]) -> Tensor:
    """Polynomial with the given coefficients, lowest power first, by Horner's rule."""
    total = torch.full_like(x, factors[-1])
    for factor in factors[-2::-1]:
        total = total * x + factor
    return total
