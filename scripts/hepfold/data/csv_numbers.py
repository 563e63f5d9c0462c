"""Compiled parser of numbers and short text in CSV, faster than decompression.

This is not a general CSV reader: a line is an event, and each field is a number or a
short text. Plain fields take a fast path; quotes, spaces and missing values take a
slower one. The code reads the text by address, because passing an array between
functions takes as long as parsing a number. All of it is in one file, because Numba
recompiles it only when the file of `parse_lines` changes.
"""

from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from hepfold.core import jit
from hepfold.data import csv_headers, powers_of_ten

# Kinds of columns. Text has at most `TEXT_BYTES`; skipped columns hold anything.
NUMBER32, NUMBER64, INTEGER, TEXT, SKIP = range(5)
TEXT_BYTES = 64

NEWLINE, RETURN, SPACE, QUOTE, DOT, PLUS, MINUS, ZERO, NINE = b'\n\r ".+-09'
SMALL_E, LARGE_E, LARGE_A, LARGE_Z, TO_SMALL = b"eEAZ "
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

LEAST, MOST, TENS = powers_of_ten.LEAST, powers_of_ten.MOST, powers_of_ten.TENS
# The largest int64; its negative has one more.
LARGEST = u64(2**63 - 1)
# Length of the longest word that stands for a number.
WORD_BYTES = 5


def word_code(word: str) -> np.uint64:
    """A word of at most eight bytes as one integer."""
    return u64(int.from_bytes(word.encode(), "little"))


MISSING = tuple(map(word_code, csv_headers.MISSING))
TRUE, FALSE = map(word_code, csv_headers.TRUTH)


def reader(n_bits: int) -> Callable:
    """Compiled function that reads the little-endian unsigned integer at an address."""

    @intrinsic
    def read(_, address):
        """Signature and code: a load from an address that need not be aligned."""
        signature = getattr(types, f"uint{n_bits}")(types.int64)
        return signature, lambda context, builder, _, call: builder.load(
            builder.inttoptr(call[0], ir.IntType(n_bits).as_pointer()), align=1
        )

    return read


byte, eight_bytes = reader(8), reader(64)


@intrinsic
def fused(_, x, y, z):
    """The float64 x * y + z, rounded once."""
    signature = types.float64(x, y, z)
    return signature, lambda context, builder, _, call: builder.fma(*call)


@jit.part
def nearest(mantissa, q):
    """The float64 nearest to mantissa * 10**q, or infinity.

    Computed with twice the digits of a float64: at most the second nearest, and that
    only below 1e-307 or if a mantissa above 2**53 is almost exactly halfway.
    """
    ten, ten_rest, two, other_two = TENS[min(max(q, LEAST), MOST) - LEAST]
    high = np.float64(mantissa)
    rest = np.float64(np.int64(mantissa - u64(high)))
    product = high * ten
    error = fused(high, ten, -product) + (high * ten_rest + rest * ten)
    return (product + error) * two * other_two


@jit.part
def number(p, text_end):
    """End of the number that begins at `p`, and its value; NaN if none."""
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


@njit
def bounds(p, separator):
    """Start and end of the text of a field, without quotes, and end of the field.

    The text ends before its start if its closing quote is missing.
    """
    while byte(p) == SPACE:
        p += 1
    start = p
    if byte(p) != QUOTE:
        while byte(p) != separator and byte(p) != NEWLINE:
            p += 1
        end = p
        while end > start and (byte(end - 1) == SPACE or byte(end - 1) == RETURN):
            end -= 1
        return start, end, p
    p = start = start + 1
    while byte(p) != NEWLINE and (byte(p) != QUOTE or byte(p + 1) == QUOTE):
        p += 1 + (byte(p) == QUOTE)
    if byte(p) == NEWLINE:
        return start, start - 1, p
    end = p
    p += 1
    while byte(p) == SPACE or (byte(p) == RETURN and byte(p + 1) == NEWLINE):
        p += 1
    return start, end, p


@njit
def unusual_number(p, separator):
    """End and value of a field with quotes, spaces or a word.

    The value is NaN if it is missing, and infinite if it is no finite number.
    """
    start, end, p = bounds(p, separator)
    if 0 <= end - start <= WORD_BYTES:
        word = small_letters(start, end)
        if word in MISSING:
            return p, np.nan
        if word in (TRUE, FALSE):
            return p, 1.0 if word == TRUE else 0.0
    number_end, value = number(start, start)
    return p, value if number_end == end and np.isfinite(value) else np.inf


@njit
def small_letters(p, end):
    """The text between two addresses in lowercase, as `word_code` gives it."""
    word = u64(0)
    for i in range(end - p):
        letter = byte(p + i)
        is_large = LARGE_A <= letter <= LARGE_Z
        word |= u64(letter | (TO_SMALL if is_large else 0)) << u64(8 * i)
    return word


@jit.part
def integer(p):
    """End and value of the digits at `p`, and whether they are a short integer."""
    negative = byte(p) == MINUS
    start = p = p + negative
    value = 0
    while ZERO <= byte(p) <= NINE:
        value = value * 10 + np.int64(byte(p) - ZERO)
        p += 1
    return p, -value if negative else value, 0 < p - start <= 18


@njit
def unusual_integer(p, separator):
    """End and value of any field, and whether it is an integer of 64 bits.

    Decimals and a power of ten are accepted if the value is whole. All of the first 19
    digits count.
    """
    start, end, p = bounds(p, separator)
    if start >= end:
        return p, 0, False
    negative = byte(start) == MINUS
    start += negative | (byte(start) == PLUS)
    number_end, value, q = free_layout(start)
    is_whole = number_end == end
    while q < 0 and value and is_whole:
        is_whole = value % u64(10) == u64(0)
        value //= u64(10)
        q += 1
    while q > 0 and value and is_whole:
        is_whole = value <= LARGEST // u64(10)
        value *= u64(10)
        q -= 1
    is_whole = is_whole and value <= LARGEST + u64(negative)
    return p, np.int64(value) * (-1 if negative else 1), is_whole


@jit.compiled
def parse_lines(p, end, separator, kinds, places, number32, number64, integers, texts):
    """Fill the matrices from the text between two addresses, column by column.

    Returns row, column and address of the first bad field, or a row beyond the last.
    """
    last = len(kinds) - 1
    for row in range(len(number32)):
        for column in range(len(kinds)):
            start, kind, place = p, kinds[column], places[column]
            field_end = NEWLINE if column == last else separator
            if kind in (NUMBER32, NUMBER64):
                p, value = number(p, end)
                p += column == last and byte(p) == RETURN
                right = np.isfinite(value) and byte(p) == field_end
                if not right:
                    p, value = unusual_number(start, separator)
                    right = not np.isinf(value)
                if kind == NUMBER64:
                    number64[row, place] = value
                else:
                    number32[row, place] = value
                    right &= not np.isinf(number32[row, place])
            elif kind == INTEGER:
                p, whole, right = integer(p)
                p += column == last and byte(p) == RETURN
                if not (right and byte(p) == field_end):
                    p, whole, right = unusual_integer(start, separator)
                integers[row, place] = whole
            else:
                while byte(p) != separator and byte(p) != NEWLINE:
                    p += 1
                text_end = p
                if byte(start) <= QUOTE or byte(max(p - 1, start)) <= SPACE:
                    start, text_end, p = bounds(start, separator)
                right = text_end >= start
                if kind == TEXT:
                    right = 0 < text_end - start <= TEXT_BYTES
                    for i in range(min(text_end - start, TEXT_BYTES)):
                        texts[row, place, i] = byte(start + i)
            if not right or byte(p) != field_end:
                return row, column, start
            p += 1
    return len(number32), 0, p
