"""Expected values of driftd's statistics of two distributions: tests/golden/distributions.json.

    pip install -r tests/golden/requirements.txt
    python tests/golden/make_distributions.py
    python tests/golden/make_distributions.py --nannyml   # also compares with NannyML (requirements-nannyml.txt)

Everything is computed from the raw rows, never from a grid. Counts are integers, means and variances exact fractions,
psi, jensen_shannon and hellinger 60-digit sums, rounded once at the end; chi-squared and Kolmogorov p-values are scipy's,
Fisher's come from exact.py. Every value is asserted to agree with scipy's or numpy's own function where there is one.
A second run writes the same bytes.

A source of rows is {"file", "column", "rows": [from, to)} of a bundled Parquet file, {"values": [...]},
{"repeat": [[value, count], ...]} or {"categories": {"prefix", "from", "to", "count_each"}} (names are prefix + decimal
number, `to` excluded). null is missing; "NaN", "inf" and "-inf" are floats in a numeric case and plain text in a
categorical one. A statistic that a case does not list is not asserted. The kind decides how a file's column is read:
integers of a categorical case become decimal text, those of a boolean case are 0 = false, 1 = true.

Definitions: p, q are the shares of reference and current (R and N present values; NaN counts as missing).
- Numeric groups: right-closed, cut at the distinct type-1 deciles of the finite reference; the outer ones are open.
- Categorical groups: the reference's categories; those with share * N < 5 and the unseen ones form one group `other`, as
  do those beyond the 1,000 most frequent of the reference (ties by name, bytewise ascending).
- psi: shares floored at 1e-4, not renormalised; its p and cramers_v's: Pearson's two-sample X2 without Yates, df = groups
  with a pooled count, minus 1; df 0: V = 0, p = 1.
- ks: on the raw values; p = kolmogorov(sqrt(N R / (N + R)) D). jensen_shannon: distance, base 2.
- wasserstein_normed: values clipped to the finite reference's range, over its std (ddof 0).
- out_of_range_rate: beyond the type-1 quantiles 0.1 % and 99.9 % of the finite reference; p: twice Fisher's smaller side.
- missing_rate, out_of_range_rate: current minus reference. unseen_rate: share of the current values present.
- mean_shift, std_ratio: finite values, ddof 0; left out where the current side has values but no finite one.
"""

import argparse
import functools
import math
import os
import zlib
from collections import Counter
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet as pq
import scipy
import scipy.special
import scipy.stats
from mpmath import mpf
from scipy.spatial.distance import jensenshannon

import exact
from exact import close

ROOT = Path(__file__).resolve().parents[2]
FILES = {"car_loan": ROOT / "src" / "demo" / "data", "employment_ma": ROOT / "tests" / "fixtures"}
SEED = 20181030
CHUNK = 5000
CATEGORIES_MAX = 1000
SPARSE = 5  # expected rows of a category, share in the reference * rows of current
FLOOR = 1e-4

COLUMNS = {
    "car_loan": {
        "numeric": ["car_value", "debt_to_income_ratio", "loan_length", "driver_tenure", "y_pred_proba"],
        "categorical": ["salary_range", "size_of_downpayment"],
        "boolean": ["repaid_loan_on_prev_car", "y_pred"],
    },
    "employment_ma": {
        "numeric": ["AGEP", "SCHL", "predicted_probability"],
        "categorical": ["MAR", "RELP", "DIS", "SEX", "RAC1P", "prediction"],
        "boolean": [],
    },
}


# ---- sources -------------------------------------------------------------------------------------------------------


@functools.cache
def column(file, name):
    directory = FILES[file.rsplit("_", 1)[0]]
    return pq.read_table(directory / f"{file}.parquet", columns=[name]).column(name).to_numpy()


def counted(source, kind):
    """The rows of a source as (Counter of present values, number of missing rows)."""
    if "file" in source:
        start, end = source["rows"]
        values, counts = np.unique(column(source["file"], source["column"])[start:end], return_counts=True)
        pairs = zip(values.tolist(), counts.tolist())
        if kind == "categorical":
            pairs = [(str(value), count) for value, count in pairs]
        elif kind == "boolean":
            pairs = [(bool(value), count) for value, count in pairs]
    elif "values" in source:
        pairs = [(value, 1) for value in source["values"]]
    elif "repeat" in source:
        pairs = source["repeat"]
    else:
        made = source["categories"]
        pairs = [(f"{made['prefix']}{i}", made["count_each"]) for i in range(made["from"], made["to"])]
    present, missing = Counter(), 0
    for value, count in pairs:
        if kind == "numeric" and value is not None:
            value = float(value)
        if value is None or value != value:
            missing += count
        else:
            present[value] += count  # -0.0 == 0.0, so they are one
    return present, missing


# ---- statistics of two count vectors -------------------------------------------------------------------------------


def chi_square(reference, current):
    """Pearson's two-sample X2 (exact, then rounded), its df and p."""
    total_r, total_n = sum(reference), sum(current)
    pairs = [(r, c) for r, c in zip(reference, current) if r + c > 0]
    df = len(pairs) - 1
    if df == 0:
        return 0.0, 0, 1.0
    x2 = float(sum(Fraction((total_r * c - total_n * r) ** 2, total_r * total_n * (r + c)) for r, c in pairs))
    theirs = scipy.stats.chi2_contingency(np.array(pairs).T, correction=False)
    assert close(x2, theirs.statistic, 1e-9, 1e-9) and theirs.dof == df
    return x2, df, float(scipy.stats.chi2.sf(x2, df))


def of_groups(reference, current):
    """Statistics over the same groups of both sides."""
    total_r, total_n = sum(reference), sum(current)
    p = [mpf(r) / total_r for r in reference]
    q = [mpf(c) / total_n for c in current]
    float_p, float_q = (np.array([float(x) for x in side]) for side in (p, q))

    floor = mpf(FLOOR)
    floored = [(max(x, floor), max(y, floor)) for x, y in zip(p, q)]
    psi = sum((y - x) * mpmath.log(y / x) for x, y in floored)
    low_p, low_q = np.maximum(float_p, FLOOR), np.maximum(float_q, FLOOR)
    assert close(float(psi), float(np.sum((low_q - low_p) * np.log(low_q / low_p))), 1e-9, 1e-12)

    def half_divergence(side, other):
        return sum(x * mpmath.log(2 * x / (x + y), 2) for x, y in zip(side, other) if x > 0)

    jensen_shannon = mpmath.sqrt(max(mpf(0), (half_divergence(p, q) + half_divergence(q, p)) / 2))
    # scipy's square root of a difference near 0 may be off by the root of 1e-16, or NaN.
    theirs = np.nan_to_num(jensenshannon(float_p, float_q, base=2))
    assert close(float(jensen_shannon), float(theirs), 1e-9, 1e-7)

    # 1 - sum(sqrt(p q)) in the form that does not cancel
    hellinger = mpmath.sqrt(sum((mpmath.sqrt(x) - mpmath.sqrt(y)) ** 2 for x, y in zip(p, q)) / 2)
    plain = math.sqrt(max(0.0, 1 - float(np.sum(np.sqrt(float_p * float_q)))))
    assert close(float(hellinger), plain, 1e-9, 1e-7)

    differences = [abs(x - y) for x, y in zip(p, q)]
    x2, df, p_value = chi_square(reference, current)
    shared = {
        "psi": {"value": float(psi), "p_value": p_value},
        "jensen_shannon": {"value": float(jensen_shannon), "p_value": None},
        "hellinger": {"value": float(hellinger), "p_value": None},
        "total_variation": {"value": float(sum(differences) / 2), "p_value": None},
        "l_infinity": {"value": float(max(differences)), "p_value": None},
    }
    return shared, x2, p_value


def fisher(part, whole, reference_part, reference_whole):
    """Two-sided Fisher p of two shares: exact.py's, since scipy's tail sums lose digits on large tables (1e-10)."""
    table = [[part, whole - part], [reference_part, reference_whole - reference_part]]
    got, want = float(scipy.stats.fisher_exact(table).pvalue), float(exact.fisher_exact(table))
    assert close(got, want, 1e-8, 3e-308), (table, got, want)
    return want


def missing_rate(reference_present, reference_missing, current_present, current_missing):
    reference_rows, current_rows = reference_present + reference_missing, current_present + current_missing
    if reference_rows == 0 or current_rows == 0:
        return {"not_computable": "empty_reference" if reference_rows == 0 else "empty_current"}
    return {
        "value": float(mpf(current_missing) / current_rows - mpf(reference_missing) / reference_rows),
        "p_value": fisher(current_missing, current_rows, reference_missing, reference_rows),
    }


# ---- numeric -------------------------------------------------------------------------------------------------------


class Numeric:
    """Sorted distinct values of one side with their counts; infinities included, NaN not."""

    def __init__(self, present):
        self.values = np.array(sorted(present), dtype=np.float64)
        self.counts = np.array([present[value] for value in sorted(present)], dtype=np.int64)
        self.cumulative = np.concatenate([[0], np.cumsum(self.counts)])
        self.n = int(self.cumulative[-1])
        finite = np.isfinite(self.values)
        self.finite_values, self.finite_counts = self.values[finite], self.counts[finite]
        self.finite_n = int(self.finite_counts.sum())

    def at_most(self, points):
        """Number of values <= each point."""
        return self.cumulative[np.searchsorted(self.values, points, side="right")]

    def quantile(self, numerator, denominator):
        """Type-1 quantile x_(ceil(k R / B)) of the finite values; integers, since 0.999 * R rounds."""
        rank = max(1, -(-self.finite_n * numerator // denominator))
        return float(self.finite_values[np.searchsorted(np.cumsum(self.finite_counts), rank)])

    def rows(self):
        return np.repeat(self.values, self.counts)

    @functools.cached_property
    def moments(self):
        return exact.moments(self.finite_values, self.finite_counts)


def ks(reference, current):
    points = np.union1d(reference.values, current.values)
    gaps = np.abs(current.at_most(points) * reference.n - reference.at_most(points) * current.n)
    distance = int(gaps.max()) / (reference.n * current.n)
    with np.errstate(divide="ignore"):  # its p-value, unused, for one row
        theirs = scipy.stats.ks_2samp(reference.rows(), current.rows(), method="asymp")
    assert close(distance, float(theirs.statistic), 1e-12, 1e-12)
    size = math.sqrt(current.n * reference.n / (current.n + reference.n))
    p_value = float(scipy.special.kolmogorov(size * distance))
    return {"value": distance, "p_value": p_value, "value_type": "raw"}


def wasserstein(reference, current):
    low, high = reference.finite_values[0], reference.finite_values[-1]
    both = np.union1d(reference.values, current.values)
    points = np.union1d(np.clip(both, low, high), [low, high])
    # Below the upper end clipping changes no count of values <= x.
    gaps = np.abs(current.at_most(points[:-1]) * reference.n - reference.at_most(points[:-1]) * current.n)
    widths = np.diff(points)
    area = math.fsum(int(gap) / (reference.n * current.n) * float(width) for gap, width in zip(gaps, widths))
    clipped = (np.clip(side.values, low, high) for side in (reference, current))
    theirs = scipy.stats.wasserstein_distance(*clipped, reference.counts, current.counts)
    assert close(area, float(theirs), 1e-9, 1e-13 * float(high - low))
    return area


def out_of_range(reference, current):
    low, high = reference.quantile(1, 1000), reference.quantile(999, 1000)

    def beyond(side):
        below = int(side.counts[side.values < low].sum())
        return below, int(side.counts[side.values > high].sum())

    (below_r, above_r), (below_n, above_n) = beyond(reference), beyond(current)
    sides = [fisher(below_n, current.n, below_r, reference.n), fisher(above_n, current.n, above_r, reference.n)]
    return {
        "value": float(mpf(below_n + above_n) / current.n - mpf(below_r + above_r) / reference.n),
        "p_value": min(1.0, 2 * min(sides)),
    }


NUMERIC = ["psi", "ks", "wasserstein_normed", "jensen_shannon", "hellinger", "total_variation", "l_infinity"]
NUMERIC += ["out_of_range_rate", "mean_shift", "std_ratio"]


def numeric(reference, current):
    reference, current = Numeric(reference), Numeric(current)
    if reference.n == 0 or current.n == 0:
        reason = "empty_reference" if reference.n == 0 else "empty_current"
        return {name: {"not_computable": reason} for name in NUMERIC}, None
    assert reference.finite_n > 0, "a reference of infinities alone is not defined"

    cuts = sorted({reference.quantile(k, 10) for k in range(1, 10)})
    deciles = np.quantile(np.repeat(reference.finite_values, reference.finite_counts), np.arange(1, 10) / 10,
                          method="inverted_cdf")  # fmt: skip
    assert set(cuts) <= set(reference.finite_values) and len(set(deciles) ^ set(cuts)) <= 2  # 0.1 * R may round up

    def grouped(side):
        return np.diff(np.concatenate([[0], side.at_most(np.array(cuts)), [side.n]])).tolist()

    shared, _, _ = of_groups(grouped(reference), grouped(current))
    expected = {"psi": shared.pop("psi"), "ks": ks(reference, current)} | shared
    expected["out_of_range_rate"] = out_of_range(reference, current)

    note = None
    mean, variance = reference.moments
    if variance == 0:
        for name in ("wasserstein_normed", "mean_shift", "std_ratio"):
            expected[name] = {"not_computable": "constant_reference"}
        return expected, note
    std = mpmath.sqrt(exact.to_mpf(variance))
    expected["wasserstein_normed"] = {"value": float(mpf(wasserstein(reference, current)) / std), "p_value": None}
    if current.finite_n > 0:
        current_mean, current_variance = current.moments
        expected["mean_shift"] = {"value": float(exact.to_mpf(current_mean - mean) / std), "p_value": None}
        expected["std_ratio"] = {"value": float(mpmath.sqrt(exact.to_mpf(current_variance)) / std), "p_value": None}
        clamp = mpf(2) ** (int(mpmath.floor(mpmath.log(std, 2))) + 15)
        furthest = max(abs(mpf(float(x)) - exact.to_mpf(mean)) for x in current.finite_values[[0, -1]])
        if furthest > clamp:
            note = (
                "current reaches beyond the clamp of driftd's fixed-point sums (2^47 units of the reference):"
                " mean_shift and std_ratio are of the unclamped values"
            )
    return {name: expected[name] for name in NUMERIC if name in expected}, note


# ---- categorical and boolean ---------------------------------------------------------------------------------------

CATEGORICAL = ["psi", "jensen_shannon", "hellinger", "total_variation", "l_infinity", "cramers_v", "unseen_rate"]


def categorical(reference, current):
    total_r, total_n = sum(reference.values()), sum(current.values())
    if total_r == 0 or total_n == 0:
        reason = "empty_reference" if total_r == 0 else "empty_current"
        return {name: {"not_computable": reason} for name in CATEGORICAL}, None
    kept = sorted(reference, key=lambda name: (-reference[name], str(name).encode()))[:CATEGORIES_MAX]
    kept = [name for name in kept if reference[name] * total_n >= SPARSE * total_r]
    groups_r, groups_n = [reference[name] for name in kept], [current[name] for name in kept]
    groups_r.append(total_r - sum(groups_r))
    groups_n.append(total_n - sum(groups_n))
    expected, x2, p_value = of_groups(groups_r, groups_n)
    expected["cramers_v"] = {"value": float(mpmath.sqrt(mpf(x2) / (total_n + total_r))), "p_value": p_value}

    note = None
    unseen = sum(count for name, count in current.items() if name not in reference)
    if len(reference) <= CATEGORIES_MAX or unseen == total_n:
        p_unseen = fisher(unseen, total_n, 0, total_r)
        expected["unseen_rate"] = {"value": float(mpf(unseen) / total_n), "p_value": p_unseen}
    else:
        note = "unseen_rate is left out: categories beyond the kept ones may be known or unseen to a bounded table"
    return expected, note


# ---- cases ---------------------------------------------------------------------------------------------------------


def case(name, kind, reference, current, notes=None):
    (present_r, missing_r), (present_n, missing_n) = counted(reference, kind), counted(current, kind)
    expected, note = (numeric if kind == "numeric" else categorical)(present_r, present_n)
    rows = (sum(present_r.values()), missing_r, sum(present_n.values()), missing_n)
    expected["missing_rate"] = missing_rate(*rows)
    for one in expected.values():
        assert all(value is None or not isinstance(value, float) or math.isfinite(value) for value in one.values())
    made = {"name": name, "kind": kind, "reference": reference, "current": current, "expected": expected}
    notes = "; ".join(text for text in (notes, note) if text)
    return made | ({"notes": notes} if notes else {})


def file_cases():
    for data in COLUMNS:
        for kind, names in COLUMNS[data].items():
            for name in names:
                reference = {"file": f"{data}_reference", "column": name}
                reference["rows"] = [0, len(column(reference["file"], name))]
                rows = len(column(f"{data}_analysis", name))
                spans = [("all", 0, rows)]
                spans += [(f"chunk_{i}", start, min(start + CHUNK, rows))
                          for i, start in enumerate(range(0, rows, CHUNK))]  # fmt: skip
                for span, start, end in spans:
                    current = {"file": f"{data}_analysis", "column": name, "rows": [start, end]}
                    yield case(f"{data}/{name}/{span}", kind, reference, current)


def values(array):
    return {"values": [exact.number(x) for x in array]}


def repeat(*pairs):
    return {"repeat": [list(pair) for pair in pairs]}


def draw(name):
    """A generator of its own for every case, so that a new case does not move the others."""
    return np.random.default_rng([SEED, zlib.crc32(name.encode())])


def rounded(array, digits=4):
    return [float(f"{x:.{digits}g}") for x in array]


def numeric_edges():
    inf = math.inf

    def normal(rng, n, mean=0.0, std=1.0):
        return rounded(rng.normal(mean, std, n))

    def quiet(rng):
        return values(normal(rng, 1000)), values(normal(rng, 800))

    def half_sigma(rng):
        return values(normal(rng, 1000)), values(normal(rng, 800, 0.5))

    def twice_the_spread(rng):
        return values(normal(rng, 1000)), values(normal(rng, 800, 0, 2))

    def outlier_hides_a_shift(rng):
        return values(normal(rng, 1000)), values(normal(rng, 799, 0.5) + [1e6])

    def outlier_alone(rng):
        return values(normal(rng, 1000)), values(normal(rng, 799) + [1e6])

    def outlier_in_reference(rng):
        return values(normal(rng, 999) + [1e6]), values(normal(rng, 800, 0.5))

    def lognormal_quiet(rng):
        return values(rounded(rng.lognormal(0, 2, 1000))), values(rounded(rng.lognormal(0, 2, 800)))

    def lognormal_shift(rng):
        return values(rounded(rng.lognormal(0, 2, 1000))), values(rounded(rng.lognormal(0.5, 2, 800)))

    def zeros(rng, n, share, mean):
        hits = rng.uniform(size=n) >= share
        return values(np.where(hits, rounded(rng.lognormal(mean, 0.5, n), 3), 0.0))

    def zeros_quiet(rng):
        return zeros(rng, 1000, 0.9, 3), zeros(rng, 1000, 0.9, 3)

    def zeros_shift_inside_the_non_zeros(rng):
        return zeros(rng, 1000, 0.9, 3), zeros(rng, 1000, 0.9, 4)

    def zeros_fewer(rng):
        return zeros(rng, 1000, 0.9, 3), zeros(rng, 1000, 0.7, 3)

    def integers_wide_ties(rng):
        return values(rng.poisson(3, 1000)), values(rng.poisson(3.4, 900))

    def integers_right_closed(rng):  # left-closed groups give another psi
        sides = rng.poisson(30, 1000), rng.poisson(31, 900)
        cuts = np.unique(np.quantile(sides[0], np.arange(1, 10) / 10, method="inverted_cdf"))
        right, left = (
            of_groups(*(np.bincount(np.searchsorted(cuts, x, side), minlength=len(cuts) + 1).tolist() for x in sides))[0]
            for side in ("left", "right")  # searchsorted's "left" puts a cut itself below, as right-closed groups do
        )
        assert abs(right["psi"]["value"] / left["psi"]["value"] - 1) > 0.1
        return values(sides[0]), values(sides[1])

    def ulp_neighbours(rng):
        near = 1.0 + np.arange(8) * 2.0**-52
        return values(rng.choice(near, 600)), values(rng.choice(near[2:], 500))

    def large_offset(rng):
        return values(rng.integers(0, 2000, 800) / 64 + 1e9), values(rng.integers(200, 2200, 700) / 64 + 1e9)

    def scaled(rng, factor, shift):
        return values(np.array(normal(rng, 700)) * factor), values((np.array(normal(rng, 600)) + shift) * factor)

    def huge(rng):
        return scaled(rng, 1e300, 0.3)

    def tiny(rng):
        return scaled(rng, 1e-300, 0.3)

    def huge_beside_tiny(rng):
        reference = np.array(normal(rng, 300)) * 1e-300
        reference[::3] = np.abs(reference[::3]) * 1e300 * 1e300
        current = np.array(normal(rng, 300)) * 1e-300
        current[::2] = np.abs(current[::2]) * 1e300 * 1e300
        return values(reference), values(current)

    def integers_up_to_2_53(rng):
        return values(2.0**53 - rng.integers(1, 12, 600)), values(2.0**53 - rng.integers(0, 9, 500))

    def floats_above_2_53(rng):
        return values(2.0**53 + 2 * rng.integers(0, 12, 600)), values(2.0**53 + 2 * rng.integers(3, 15, 500))

    def infinities(rng):
        reference = normal(rng, 600)
        current = normal(rng, 500)
        return reference, current

    def infinite_above_in_current(rng):
        reference, current = infinities(rng)
        return values(reference), values(current + [inf] * 20)

    def infinite_both_in_current(rng):
        reference, current = infinities(rng)
        return values(reference), values([-inf] * 7 + current + [inf] * 20)

    def infinite_in_reference(rng):
        reference, current = infinities(rng)
        return values([-inf] * 12 + reference + [inf] * 3), values(current)

    def infinite_in_both(rng):
        reference, current = infinities(rng)
        return values([-inf] * 12 + reference + [inf] * 3), values([-inf] * 10 + current + [inf] * 30)

    def infinite_current_alone(rng):
        return values(normal(rng, 600)), repeat(["inf", 40], ["-inf", 10])

    def nan_is_missing(rng):
        return values(normal(rng, 600)), values(normal(rng, 450) + [math.nan] * 50)

    def nan_and_null(rng):
        reference, current = values(normal(rng, 600)), values(normal(rng, 450))
        reference["values"] += ["NaN", None, None]
        current["values"] += [None] * 4 + ["NaN"] * 5
        return reference, current

    def ten_rows_against_50_000(rng):
        reference = {"file": "car_loan_reference", "column": "driver_tenure", "rows": [0, 50000]}
        return reference, values([0.1, 0.5, 2.25, 4, 4.5, 5, 6, 6.5, 9, 9.5])

    def out_of_range_both_sides(rng):
        return values(normal(rng, 2000)), values(normal(rng, 970) + [-9.5] * 12 + [8.25] * 18)

    def out_of_range_above(rng):
        return values(normal(rng, 2000)), values(normal(rng, 990) + [8.25] * 10)

    def reference_of_1_001_rows(rng):
        return values(rng.permutation(1001)), values(rng.integers(-2, 1004, 500))

    def reference_of_five_rows(rng):
        return values([3, 1, 4, 1.5, 9]), values(rng.integers(0, 11, 500))

    def reference_of_thirteen_rows(rng):
        return values(rng.permutation(13)), values(rng.integers(0, 14, 400))

    made = [
        quiet, half_sigma, twice_the_spread, outlier_hides_a_shift, outlier_alone, outlier_in_reference,
        lognormal_quiet, lognormal_shift, zeros_quiet, zeros_shift_inside_the_non_zeros, zeros_fewer,
        integers_wide_ties, integers_right_closed, ulp_neighbours, large_offset, huge, tiny, huge_beside_tiny, integers_up_to_2_53,
        floats_above_2_53, infinite_above_in_current, infinite_both_in_current, infinite_in_reference,
        infinite_in_both, infinite_current_alone, nan_is_missing, nan_and_null, ten_rows_against_50_000,
        out_of_range_both_sides, out_of_range_above, reference_of_1_001_rows, reference_of_five_rows,
        reference_of_thirteen_rows,
    ]  # fmt: skip
    for make in made:
        yield make.__name__, *make(draw(make.__name__)), None

    span = {"values": list(range(1, 1001))}
    yield "constant_same", repeat([5, 1000]), repeat([5, 500]), None
    yield "constant_above", repeat([5, 1000]), repeat([6, 500]), None
    yield "constant_below", repeat([5, 1000]), repeat([4, 500]), "right-closed: 4 and 5 share a group, so psi is 0"
    yield "constant_of_an_inexact_sum", repeat([0.1, 1000]), repeat([0.1, 300], [0.2, 200]), None
    yield "constant_reference_spread_current", repeat([5, 1000]), {"values": list(range(500))}, None
    yield "spread_reference_constant_current", span, repeat([500, 500]), None
    yield "two_values", repeat([0, 700], [1, 300]), repeat([0, 200], [1, 300]), None
    yield "three_values_tied", repeat([1, 200], [2, 500], [3, 300]), repeat([1, 150], [2, 100], [3, 250]), None
    heavy = repeat([1, 250], [2, 250], [7, 1000], [8, 250], [9, 250])
    yield "half_at_one_value", heavy, repeat([1, 100], [2, 100], [6.5, 100], [7, 200], [8, 50], [9, 50]), None
    yield "new_values_between_ties", repeat([1, 500], [2, 500]), repeat([1, 250], [1.5, 250]), None
    yield "one_row_in_reference", repeat([3, 1]), repeat([2, 100], [3, 100], [4, 100]), None
    yield "one_row_in_current", span, repeat([999, 1]), None
    yield "one_row_each", repeat([3, 1]), repeat([4, 1]), None
    yield "two_rows_each", {"values": [1, 2]}, {"values": [2, 3]}, None
    yield "two_rows_in_current", span, {"values": [1, 1000]}, None
    yield "all_null_current", span, repeat([None, 400]), None
    yield "all_null_reference", repeat([None, 400]), span, None
    yield "all_null_both", repeat([None, 400]), repeat([None, 300]), None
    yield "all_nan_current", span, repeat(["NaN", 300]), None
    yield "no_rows_in_current", span, {"values": []}, None
    yield "no_rows_in_reference", {"values": []}, span, None
    yield "no_rows_in_either", {"values": []}, {"values": []}, None
    yield "one_missing_in_1000", repeat([1, 20000], [2, 30000]), repeat([1, 400], [2, 599], [None, 1]), None
    yield "missing_falls", repeat([1, 500], [2, 400], [None, 100]), repeat([1, 500], [2, 490], [None, 10]), None
    yield "disjoint_above", span, {"values": list(range(2001, 2401))}, None
    yield "disjoint_below", span, {"values": list(range(-999, -599))}, None
    minus_zero = repeat([-0.0, 100], [0, 150], [1, 250])
    yield "minus_zero_is_zero", minus_zero, repeat([-0.0, 200], [0, 50], [1, 250]), None
    yield "minus_zero_alone", repeat([-1, 100], [-0.0, 100], [1, 100]), repeat([-1, 70], [0, 60], [1, 70]), None
    dice = repeat([1, 120], [2, 180], [3, 200], [4, 200], [5, 180], [6, 120])
    yield "dice", dice, repeat([1, 60], [2, 80], [3, 120], [4, 90], [5, 110], [6, 40]), None
    yield "dice_off_by_one", dice, repeat([2, 120], [3, 180], [4, 200], [5, 200], [6, 180], [7, 120]), None
    inside = repeat(*[[100 * k - 9, 100] for k in range(1, 11)])
    yield "equal_deciles_movement_inside", span, inside, "psi 0, ks 0.09"
    yield "values_at_the_deciles", span, repeat(*[[100 * k, 50] for k in range(1, 11)]), None


def categorical_edges():
    def zipf(rng):
        shares = 1 / np.arange(1, 301)
        shares /= shares.sum()
        sides = []
        for n in (20000, 1000):
            counts = rng.multinomial(n, shares)
            sides.append(repeat(*[[f"z{i}", int(count)] for i, count in enumerate(counts) if count]))
        return sides

    def names(start, end, count_each):
        return {"categories": {"prefix": "c", "from": start, "to": end, "count_each": count_each}}

    abc = repeat(["a", 500], ["b", 300], ["c", 200])
    yield "quiet", abc, repeat(["a", 251], ["b", 148], ["c", 101]), None
    yield "shift", abc, repeat(["a", 150], ["b", 150], ["c", 200]), None
    yield "same_shares", abc, repeat(["a", 50], ["b", 30], ["c", 20]), None
    large = repeat(["a", 30000], ["b", 20000])
    yield "one_unseen_in_1000_against_50_000", large, repeat(["a", 599], ["b", 400], ["new", 1]), None
    yield "many_unseen", abc, repeat(["a", 200], ["b", 120], ["c", 80], ["x", 60], ["y", 40]), None
    yield "all_unseen", abc, repeat(["x", 300], ["y", 100]), None
    yield "vanished", abc, repeat(["a", 320], ["b", 180]), None
    yield "constant_same", repeat(["a", 1000]), repeat(["a", 500]), None
    yield "constant_other", repeat(["a", 1000]), repeat(["b", 500]), None
    yield "constant_then_two", repeat(["a", 1000]), repeat(["a", 400], ["b", 100]), None
    yield "zipf_300_quiet", *zipf(draw("zipf_300_quiet")), "every category in a group of its own gives psi > 0.25"
    yield "all_unique_disjoint", names(0, 100000, 1), names(100000, 200000, 1), "all sparse: one group"
    yield "all_unique_same", names(0, 100000, 1), names(0, 100000, 1), "all sparse: one group"
    yield "cap_ties_by_name", names(0, 2000, 50), names(500, 2500, 50), "c1999 comes before c2: bytewise"
    frequent = [[f"k{i}", 60 - i // 40] for i in range(1400)]
    moved = [[f"k{i}", 20 + i // 70] for i in range(1400)]
    yield "cap_by_frequency", {"repeat": frequent}, {"repeat": moved}, None
    yield "exactly_1000_categories", names(0, 1000, 20), names(100, 1100, 20), None
    yield "empty_text", repeat(["", 300], ["a", 700]), repeat(["", 200], ["a", 300]), "empty text is present"
    yield "empty_text_unseen", repeat(["a", 700], [None, 30]), repeat(["a", 300], ["", 20], [None, 10]), None
    unicode = [["Zürich", 300], ["Zu\u0308rich", 100], ["東京", 250], ["🚗", 200], ["€", 150]]
    moved = [["Zürich", 100], ["Zu\u0308rich", 200], ["東京", 100], ["🚗", 60], ["€", 30], ["ß", 10]]
    yield "unicode", {"repeat": unicode}, {"repeat": moved}, "composed and decomposed ü are two categories"
    spaces = repeat(["a", 250], ["A", 250], ["a ", 250], [" a", 250])
    yield "case_and_spaces", spaces, repeat(["a", 150], ["A", 100], ["a ", 100], [" a", 50]), None
    words = repeat(["other", 200], ["unseen", 200], ["missing", 200], ["null", 200], ["NaN", 200], ["rare", 2])
    moved = repeat(["other", 100], ["unseen", 50], ["missing", 100], ["null", 50], ["NaN", 100], ["new", 30], [None, 9])
    yield "names_of_our_own_groups", words, moved, "a category may be called like a group of driftd"
    yield "one_row_each_same", repeat(["a", 1]), repeat(["a", 1]), None
    yield "one_row_each_other", repeat(["a", 1]), repeat(["b", 1]), None
    yield "two_rows_in_current", abc, {"values": ["a", "b"]}, "all sparse: one group"
    yield "sparse_all", repeat(*[[f"s{i}", 10] for i in range(100)]), repeat(*[[f"s{i}", 8] for i in range(50)]), None
    boundary = repeat(["a", 980], ["b", 10], ["c", 10])
    yield "share_times_n_is_5", boundary, repeat(["a", 480], ["b", 15], ["c", 5]), "b and c stay: not below 5"
    yield "share_times_n_below_5", boundary, repeat(["a", 480], ["b", 14], ["c", 5]), "b and c join `other`"
    yield "all_null_current", abc, repeat([None, 400]), None
    yield "all_null_reference", repeat([None, 400]), abc, None
    yield "no_rows_in_current", abc, {"values": []}, None
    yield "missing_grows", repeat(["a", 500], ["b", 490], [None, 10]), repeat(["a", 200], ["b", 200], [None, 100]), None


def boolean_edges():
    yield "quiet", repeat([True, 600], [False, 400]), repeat([True, 290], [False, 210]), None
    yield "flip", repeat([True, 900], [False, 100]), repeat([True, 50], [False, 450]), None
    yield "constant_same", repeat([True, 900]), repeat([True, 500]), None
    note = "unseen_rate: false does not occur in the reference"
    yield "constant_flip", repeat([True, 900]), repeat([False, 500]), note
    yield "one_false_in_1000", repeat([True, 50000]), repeat([True, 999], [False, 1]), note
    yield "missing_grows", repeat([True, 500], [False, 500]), repeat([True, 200], [False, 200], [None, 100]), None
    yield "all_null_current", repeat([True, 500], [False, 500]), repeat([None, 300]), None


def edge_cases():
    for kind, edges in [("numeric", numeric_edges), ("categorical", categorical_edges), ("boolean", boolean_edges)]:
        for name, reference, current, notes in edges():
            yield case(f"edge/{kind}/{name}", kind, reference, current, notes)


# ---- NannyML -------------------------------------------------------------------------------------------------------


def compare_with_nannyml(cases):
    """Asserts that NannyML 0.13.1 agrees on the 5,000-row chunks of car_loan, where it defines the same thing.

    Not the same there, and left out: Jensen-Shannon of numbers uses Doane's bins over the reference, not deciles;
    Hellinger likewise; Wasserstein is neither clipped nor divided by a std. KS with 10,000 or more reference rows is read
    from 10,000 equal-width bins, so it may miss the mass of one bin. Chi-squared of a 2 x 2 table has Yates' correction.
    """
    os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
    import nannyml

    assert nannyml.__version__ == "0.13.1"
    numbers, texts = COLUMNS["car_loan"]["numeric"], COLUMNS["car_loan"]["categorical"]
    flags = ["repaid_loan_on_prev_car"]
    names = numbers + texts + flags
    reference, analysis = (
        pd.DataFrame({name: column(f"car_loan_{part}", name) for name in names}) for part in ("reference", "analysis")
    )
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=names,
        treat_as_categorical=texts + flags,
        continuous_methods=["kolmogorov_smirnov"],
        categorical_methods=["chi2", "jensen_shannon", "l_infinity"],
        chunk_size=CHUNK,
    )
    results = calculator.fit(reference).calculate(analysis).filter(period="analysis").to_df(multilevel=True)
    expected = {case["name"]: case["expected"] for case in cases}
    compared = 0
    for i in range(len(analysis) // CHUNK):
        chunk = analysis[i * CHUNK : (i + 1) * CHUNK]

        def theirs(name, method, i=i):
            return float(results[(name, method, "value")].iloc[i])

        for name in numbers:
            mine = expected[f"car_loan/{name}/chunk_{i}"]
            edges = np.linspace(reference[name].min(), reference[name].max(), 10_001)
            distinct = reference[name].nunique() < 1000  # at most one distinct value in a bin: exact
            in_bin = max(np.histogram(side, edges)[0].max() / len(side) for side in (reference[name], chunk[name]))
            allowed = 1e-12 if distinct else in_bin
            got = theirs(name, "kolmogorov_smirnov")
            assert got <= mine["ks"]["value"] + 1e-12 and close(got, mine["ks"]["value"], 0, allowed), (name, i, got)
            compared += 1
        for name in texts + flags:
            mine = expected[f"car_loan/{name}/chunk_{i}"]
            assert close(theirs(name, "l_infinity"), mine["l_infinity"]["value"], 1e-9, 1e-12)
            assert close(theirs(name, "jensen_shannon"), mine["jensen_shannon"]["value"], 1e-7, 1e-8)
            compared += 2
            if name in texts:
                x2 = mine["cramers_v"]["value"] ** 2 * (len(reference) + CHUNK)
                assert close(theirs(name, "chi2"), x2, 1e-9), (name, i)
                compared += 1
    print(f"NannyML 0.13.1 agrees on {compared} values")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--nannyml", action="store_true", help="also compare with NannyML's own results")
    arguments = arguments.parse_args()
    cases = list(file_cases()) + list(edge_cases())
    assert len({case["name"] for case in cases}) == len(cases)
    if arguments.nannyml:
        compare_with_nannyml(cases)
    made_by = "tests/golden/make_distributions.py: scipy, numpy and exact arithmetic over raw rows"
    header = {"made_by": made_by, "versions": exact.versions(scipy, np, pyarrow, mpmath), "seed": SEED}
    exact.write(Path(__file__).with_name("distributions.json"), header, {"cases": cases})


if __name__ == "__main__":
    main()
