"""Exact or 60-digit arithmetic for the oracles, and the JSON they write. No statistic of driftd is used here."""

import bisect
import json
import math
import platform
from fractions import Fraction

import mpmath
from mpmath import mp, mpf

mp.dps = 60


def to_mpf(fraction):
    return mpf(fraction.numerator) / fraction.denominator


def moments(values, counts):
    """Mean and variance (ddof 0) of finite floats, as exact fractions."""
    n, total, squares = 0, Fraction(0), Fraction(0)
    for value, count in zip(values, counts):
        value, count = Fraction(float(value)), int(count)
        n += count
        total += value * count
        squares += value * value * count
    mean = total / n
    return mean, squares / n - mean * mean


def fisher_exact(table):
    """Two-sided p of Fisher's exact test: the mass of all tables no more probable than the one seen (60 digits)."""
    (a, b), (c, d) = table
    row, other_row, column = a + b, c + d, a + c
    total = row + other_row
    low, high = max(0, column - other_row), min(row, column)

    def log_choose(n, k):
        return mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)

    normaliser = log_choose(total, column)

    def log_pmf(k):
        return log_choose(row, k) + log_choose(other_row, column - k) - normaliser

    def up(k):  # pmf(k + 1) / pmf(k)
        return mpf((row - k) * (column - k)) / ((k + 1) * (other_row - column + k + 1))

    def tail(start, step):
        term = total_mass = mpmath.exp(log_pmf(start))
        k = start
        while low <= k + step <= high:
            term = term * up(k) if step > 0 else term / up(k - 1)
            if term < total_mass * mpf(10) ** -40:
                break
            total_mass += term
            k += step
        return total_mass

    seen = log_pmf(a) + mpf(10) ** -30  # equal probabilities count
    mode = min(max((row + 1) * (column + 1) // (total + 2), low), high)
    if log_pmf(mode) <= seen:
        return mpf(1)
    if a < mode:
        side = range(mode, high + 1)  # falling: the first that is no more probable
        first = bisect.bisect_left(side, True, key=lambda k: log_pmf(k) <= seen)
        other = tail(side[first], 1) if first < len(side) else mpf(0)
        return tail(a, -1) + other
    side = range(mode, low - 1, -1)
    first = bisect.bisect_left(side, True, key=lambda k: log_pmf(k) <= seen)
    other = tail(side[first], -1) if first < len(side) else mpf(0)
    return tail(a, 1) + other


def close(got, want, relative=1e-10, absolute=0.0):
    return abs(got - want) <= max(relative * abs(want), absolute)


def versions(*modules):
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    return found | {module.__name__: module.__version__ for module in modules}


def number(value):
    """A float as JSON holds it: integers short, the special ones as strings, -0 kept."""
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    minus_zero = value == 0 and math.copysign(1, value) < 0
    if value.is_integer() and abs(value) < 1e15 and not minus_zero:
        return int(value)
    return value


def one_line(value):
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write(path, header, lists):
    """JSON with one line per entry of each list, so that a change can be read in a diff."""
    lines = [f"{one_line(key)}:{one_line(value)}" for key, value in header.items()]
    for key, entries in lists.items():
        body = ",\n".join(one_line(entry) for entry in entries)
        lines.append(f"{one_line(key)}:[\n{body}\n]")
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
    counts = ", ".join(f"{key} {len(entries)}" for key, entries in lists.items())
    print(f"{path.name}: {path.stat().st_size} bytes; {counts}")
