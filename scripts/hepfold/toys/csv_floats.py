"""Numbers as `%.18e` prints them, the text form of HIGGS, some ten times as fast."""

import numpy as np

# Rows that are written at once: few enough for the cache of a processor.
MOST_ROWS = 1_024
# Magnitudes within which 64 bits are enough for all of it; `%` does the others.
POWERS = range(-9, 2)
# As float64: to compare with 1e-9 in float32 is to compare with less.
SMALLEST, LIMIT = np.float64([1e-9, 1e2])


def codes(texts: list[str], dtype: str) -> np.ndarray:
    """Texts of one length as the numbers that their bytes are in memory."""
    return np.frombuffer("".join(texts).encode(), dtype)


# One number in memory: 26 bytes, of which a sign that is not there is dropped.
CELL = np.dtype(
    [
        ("sign", "u1"),
        ("first", "u1"),
        ("point", "u1"),
        ("digits", "<u4", 4),
        ("last", "<u2"),
        ("exponent", "<u4"),
        ("end", "u1"),
    ]
)
NO_SIGN, MINUS, ZERO, POINT, COMMA, NEW_LINE = b"\0-0.,\n"
TWO_DIGITS = codes([f"{i:02}" for i in range(100)], "<u2")
FOUR_DIGITS = codes([f"{i:04}" for i in range(10_000)], "<u4")
EXPONENTS = codes([f"e{power:+03}" for power in POWERS], "<u4")

# By decimal power: the next one, and 5 to the power that leaves 19 digits before the
# point, as high and low 32 bits.
NEXT = np.array([10.0 ** (power + 1) for power in POWERS])
FIVES = [5 ** (18 - power) for power in POWERS]
FIVE_HIGH = np.array([five >> 32 for five in FIVES], np.uint64)
FIVE_LOW = np.array([five % 2**32 for five in FIVES], np.uint64)
LOW_BITS = np.uint64(2**32 - 1)
# By binary exponent as float32 holds it: position in `POWERS` of the least such number.
BIASED = np.arange(256)
POSITION = np.searchsorted(NEXT, np.ldexp(1.0, BIASED - 127), "right").clip(
    max=len(NEXT) - 1
)


def lines(values: np.ndarray) -> bytes:
    """Lines of text with float32 values (n_rows, n_columns), commas between them."""
    starts = range(0, len(values), MOST_ROWS)
    return b"".join(few_lines(values[start : start + MOST_ROWS]) for start in starts)


def few_lines(values: np.ndarray) -> bytes:
    """As `lines`, all at once."""
    magnitude, zero = np.abs(values), values == 0
    if not np.all(zero | ((magnitude >= SMALLEST) & (magnitude < LIMIT))):
        return b"".join(b",".join(b"%.18e" % v for v in row) + b"\n" for row in values)
    digits, position = nineteen_digits(np.where(zero, np.float32(1), magnitude))
    digits[zero] = 0
    cells = np.empty(values.shape, CELL)
    cells["sign"] = np.where(np.signbit(values), MINUS, NO_SIGN)
    first, digits = split(digits, 10**18)
    cells["first"] = first + np.uint64(ZERO)
    cells["point"] = POINT
    high, low = split(digits, 10**10)
    low, last = split(low, 100)
    for i, part in enumerate((*split(high, 10**4), *split(low, 10**4))):
        cells["digits"][..., i] = FOUR_DIGITS[part]
    cells["last"] = TWO_DIGITS[last]
    cells["exponent"] = EXPONENTS[position]
    cells["end"] = COMMA
    cells["end"][:, -1] = NEW_LINE
    return cells.tobytes().translate(None, b"\0")


def nineteen_digits(magnitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first 19 digits of positive float32, and positions in `POWERS`.

    A number is m 2^e with m below 2^24; times 10^p it is m 5^p 2^(e + p), of which the
    product has 87 bits at most and the power of two is never positive. The last digit
    is the nearest, of two the even one.
    """
    bits = magnitude.view(np.uint32)
    exponent = bits >> 23
    m = ((bits & 0x7FFFFF) | 0x800000).astype(np.uint64)
    position = POSITION[exponent]
    position += magnitude >= NEXT[position]
    low = m * FIVE_LOW[position]
    high = m * FIVE_HIGH[position] + (low >> np.uint64(32))
    low &= LOW_BITS
    shift = (position - 18 + POWERS[0] - exponent.astype(np.int64) + 150).astype("u8")
    digits = (high << (np.uint64(32) - shift)) + (low >> shift)
    unit = np.uint64(1) << shift
    twice_rest = np.uint64(2) * (low & (unit - np.uint64(1)))
    odd = (digits & np.uint64(1)).astype(bool)
    return digits + ((twice_rest > unit) | ((twice_rest == unit) & odd)), position


def split(number: np.ndarray, unit: int) -> tuple[np.ndarray, np.ndarray]:
    """Quotient and rest of uint64 numbers."""
    quotient = number // np.uint64(unit)
    return quotient, number - quotient * np.uint64(unit)
