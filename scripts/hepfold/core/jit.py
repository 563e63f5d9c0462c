"""Functions that Numba compiles, and keeps for later runs where there is a place."""

from collections.abc import Callable

from numba import njit
from numba.core import entrypoints

# Numba imports the extensions of all installed packages before it compiles: of awkward
# and PyArrow, which takes a second and serves nothing here.
entrypoints._already_initialized = True


def compiled(function: Callable) -> Callable:
    """Compile a function; later runs find the result if there is a place to keep it."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)


# Compiles a function into the compiled one that calls it; it divides as NumPy does.
part = njit(forceinline=True, error_model="numpy")
