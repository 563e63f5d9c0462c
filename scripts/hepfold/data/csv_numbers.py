"""Parser of numbers and short text in blocks of CSV text, faster than decompression.

This is not a general CSV reader: quotes, spaces around numbers and missing values are
errors. Compiled code reads the text by address, because passing an array between
functions takes as long as parsing a number. A newline is added to the text if it lacks
one, so that every field has an end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from hepfold.core import jit

# Kinds of columns. Text has at most `TEXT_BYTES`; skipped columns hold anything.
NUMBER32, NUMBER64, TEXT, SKIP = range(4)
TEXT_BYTES = 8

NOT_A_NUMBER = "not a finite number"
LONG_TEXT = f"text longer than {TEXT_BYTES} bytes"
WRONG_FIELDS = "wrong number of fields"
EMPTY_LINE = "empty line"

NEWLINE, RETURN, COMMA, DOT, PLUS, MINUS, ZERO, NINE, SMALL_E, LARGE_E = b"\n\r,.+-09eE"
# In compiled code, signed and unsigned integers combine to a float. Mantissas and eight
# bytes of text are unsigned, and so are all numbers that they are combined with.
u64 = np.uint64
# `%.18e` prints d.dddddddddddddddddde+dd; its last six bytes are read as eight.
FIXED_BYTES, FIXED_READ = 24, 26
ZEROS = u64(0x3030303030303030)
LAST_ZEROS = u64(int.from_bytes(b"00e+00", "little"))
LAST_BYTES = u64(0xFFFFFFFFFFFF)
# Added to bytes, these set the highest bit of a byte above 9 (`e` and sign: above 0).
ABOVE_NINE, LAST_ABOVE = u64(0x7676767676767676), u64(0x76767F7F7676)
HIGH_BITS = u64(0x8080808080808080)

# With these powers of ten, a mantissa of 19 digits gives zero or infinity.
LEAST, MOST = -343, 309


class Fault(NamedTuple):
    """Row, column and reason of an invalid field; column -1 is the whole line."""

    row: int
    column: int
    reason: str


@dataclass(frozen=True)
class Parsed:
    """Columns by kind, each array (n_rows, n_columns of the kind).

    `number32` is float32, `number64` float64 and `text` S8. After a fault, the values
    from its row on are undefined.
    """

    number32: np.ndarray
    number64: np.ndarray
    text: np.ndarray
    fault: Fault | None


def parse(block: bytes, kinds: np.ndarray) -> Parsed:
    """Columns of whole lines of text, up to the first fault.

    `kinds` is the kind of each column, (n_columns,). The last newline is optional.
    """
    text = np.frombuffer(block, np.uint8)
    if len(text) and text[-1] != NEWLINE:
        text = np.append(text, np.uint8(NEWLINE))
    n_rows = np.count_nonzero(text == NEWLINE)
    kinds = np.array(kinds, np.int8)
    places = np.array([np.count_nonzero(kinds[:i] == k) for i, k in enumerate(kinds)])
    n32, n64, n_text, _ = np.bincount(kinds, minlength=4)
    number32 = np.empty((n_rows, n32), np.float32)
    number64 = np.empty((n_rows, n64), np.float64)
    words = np.empty((n_rows, n_text), np.uint64)
    start, end = text.ctypes.data, text.ctypes.data + len(text)
    row, column, at = parse_lines(start, end, kinds, places, number32, number64, words)
    fault = None
    if row < n_rows:
        fault = fault_at(text.tobytes(), at - start, kinds, row, column)
    return Parsed(number32, number64, words.view(f"S{TEXT_BYTES}"), fault)


def fault_at(text: bytes, p: int, kinds: np.ndarray, row: int, column: int) -> Fault:
    """The fault in the line whose field at position `p` is invalid."""
    line = text[text.rfind(b"\n", 0, p) + 1 : text.find(b"\n", p)].removesuffix(b"\r")
    if not line:
        return Fault(row, -1, EMPTY_LINE)
    # A missing or extra comma shifts all later values to another column, so that the
    # number of fields explains more than the first invalid value.
    if line.count(b",") + 1 != len(kinds):
        return Fault(row, -1, WRONG_FIELDS)
    return Fault(row, column, LONG_TEXT if kinds[column] == TEXT else NOT_A_NUMBER)


def reader(n_bits: int) -> Callable:
    """Compiled function that reads the little-endian unsigned integer at an address."""

    @intrinsic
    def read(_, address):
        def build(context, builder, signature, arguments):
            pointer = builder.inttoptr(arguments[0], ir.IntType(n_bits).as_pointer())
            return builder.load(pointer, align=1)

        return getattr(types, f"uint{n_bits}")(types.int64), build

    return read


byte, eight_bytes = reader(8), reader(64)


@intrinsic
def fused(_, x, y, z):
    """The float64 x * y + z, rounded once."""
    signature = types.float64(x, y, z)
    return signature, lambda context, builder, _, call: builder.fma(*call)


def powers_of_ten() -> np.ndarray:
    """Powers of ten (n, 4) as (a + b) * c * d: a is near 1, c and d powers of 2."""
    table = []
    for ten in (Fraction(10) ** q for q in range(LEAST, MOST + 1)):
        exponent = ten.numerator.bit_length() - ten.denominator.bit_length()
        near_one = ten / Fraction(2) ** exponent
        rest, half = near_one - Fraction(float(near_one)), exponent // 2
        table.append((near_one, rest, 2.0**half, 2.0 ** (exponent - half)))
    return np.array(table, np.float64)


TENS = powers_of_ten()


@jit.part
def nearest(mantissa, q):
    """The float64 nearest to mantissa * 10**q, or infinity.

    Computed with twice the digits of a float64, so it is the nearest but one at most,
    and that only below 1e-307 or where a mantissa above 2**53 is as good as halfway.
    """
    ten, ten_rest, two, other_two = TENS[min(max(q, LEAST), MOST) - LEAST]
    high = np.float64(mantissa)
    rest = np.float64(np.int64(mantissa - u64(high)))
    product = high * ten
    error = fused(high, ten, -product) + (high * ten_rest + rest * ten)
    return (product + error) * two * other_two


@jit.part
def number(p, text_end):
    """End of the number that begins at `p`, and its value; NaN if it is no number."""
    negative = byte(p) == MINUS
    p += negative | (byte(p) == PLUS)
    end, mantissa, q = fixed_layout(p, text_end)
    if end < 0:
        end, mantissa, q = free_layout(p)
        if end < 0:
            return p, np.nan
    return end, nearest(mantissa, q) * (-1.0 if negative else 1.0)


@jit.part
def fixed_layout(p, text_end):
    """End, mantissa and power of ten of a number in `%.18e`; the end is -1 if not."""
    if p + FIXED_READ > text_end or byte(p + 1) != DOT or byte(p + FIXED_BYTES) >= ZERO:
        return -1, u64(0), 0
    first = u64(byte(p)) ^ u64(ZERO)
    a = eight_bytes(p + 2) ^ ZEROS
    b = eight_bytes(p + 10) ^ ZEROS
    # A valid byte is now the value of a digit, or zero.
    c = (eight_bytes(p + 18) ^ LAST_ZEROS) & LAST_BYTES
    is_small = (c >> u64(25)) & u64(1)
    c ^= is_small * u64((PLUS ^ MINUS) << 24)
    wrong = a | (a + ABOVE_NINE) | b | (b + ABOVE_NINE) | c | (c + LAST_ABOVE)
    if wrong & HIGH_BITS or first > u64(9):
        return -1, u64(0), 0
    pairs = c * u64(10) + (c >> u64(8))
    mantissa = first * u64(10**18) + eight_digits(a) * u64(10**10)
    mantissa += eight_digits(b) * u64(100) + (pairs & u64(0xFF))
    power = np.int64((pairs >> u64(32)) & u64(0xFF))
    return p + FIXED_BYTES, mantissa, (-power if is_small else power) - 18


@jit.part
def eight_digits(x):
    """The number whose digits are the bytes of `x`, from the lowest byte on."""
    pairs = x * u64(10) + (x >> u64(8))
    odd, even = pairs & u64(0xFF000000FF), (pairs >> u64(16)) & u64(0xFF000000FF)
    fours = odd * u64(100 + (10**6 << 32)) + even * u64(1 + (10**4 << 32))
    return fours >> u64(32)


@njit
def free_layout(p):
    """End, mantissa (19 digits) and power of ten of any number; end -1 for none."""
    mantissa, q, n_digits, n_dots = u64(0), 0, 0, 0
    while ZERO <= byte(p) <= NINE or (byte(p) == DOT and n_dots == 0):
        if byte(p) == DOT:
            n_dots = 1
        elif mantissa < u64(10**18):
            mantissa = mantissa * u64(10) + u64(byte(p) - ZERO)
            q -= n_dots
            n_digits += 1
        else:
            q += 1 - n_dots
        p += 1
    if n_digits and byte(p) in (SMALL_E, LARGE_E):
        negative = byte(p + 1) == MINUS
        p += 1 + (negative | (byte(p + 1) == PLUS))
        power = n_digits = 0
        while ZERO <= byte(p) <= NINE:
            power = min(power * 10 + byte(p) - ZERO, 10**6)
            n_digits += 1
            p += 1
        q += -power if negative else power
    return p if n_digits else -1, mantissa, q


@jit.part
def word(p):
    """End of the text that begins at `p`, and its first eight bytes."""
    start, letters = p, u64(0)
    while byte(p) not in (COMMA, NEWLINE):
        if byte(p) == RETURN and byte(p + 1) == NEWLINE:
            break
        if p - start < TEXT_BYTES:
            letters |= u64(byte(p)) << u64(8 * (p - start))
        p += 1
    return p, letters


@jit.compiled
def parse_lines(p, end, kinds, places, number32, number64, words):
    """Fill the matrices from the text between two addresses, each column at its place.

    Returns row, column and address of the first wrong field, or a row beyond the last.
    """
    last = len(kinds) - 1
    for row in range(len(number32)):
        for column in range(len(kinds)):
            start, kind, place = p, kinds[column], places[column]
            if kind in (NUMBER32, NUMBER64):
                p, value = number(p, end)
                if kind == NUMBER64:
                    number64[row, place] = value
                else:
                    value = np.float32(value)
                    number32[row, place] = value
                right = np.isfinite(value)
            else:
                p, letters = word(p)
                right = kind == SKIP or p - start <= TEXT_BYTES
                if kind == TEXT:
                    words[row, place] = letters
            if column == last and byte(p) == RETURN:
                p += 1
            if not right or byte(p) != (NEWLINE if column == last else COMMA):
                return row, column, start
            p += 1
    return len(number32), 0, p


# Loads the compiled code at import, or compiles it.
parse(b"0\n", np.array([NUMBER32], np.int8))
