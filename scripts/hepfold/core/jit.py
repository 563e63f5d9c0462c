"""Numba decorators: compiled functions are cached on disk if possible."""

from collections.abc import Callable

from numba import njit
from numba.core import entrypoints

# Before it compiles, Numba imports the extensions of all installed packages, such as
# awkward and PyArrow. This takes a second, and nothing here uses them.
entrypoints._already_initialized = True


def compiled(function: Callable) -> Callable:
    """Compile a function and cache the result on disk if a folder is writable."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)


# Inlines a function into its compiled caller, with NumPy's rules for division by zero.
part = njit(forceinline=True, error_model="numpy")
