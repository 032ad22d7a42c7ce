"""Expected values of the special functions and small tests that driftd implements: tests/golden/tails.json.

    pip install -r tests/golden/requirements.txt
    python tests/golden/make_tails.py

Every value is scipy's, compared here with mpmath at 60 digits (Benjamini-Hochberg: with its definition). Where scipy is
off by more than 1e-11 of the value, mpmath's is written instead and the entry says "by": "mpmath". No random numbers but
the tables and p-vectors drawn with SEED. A second run writes the same bytes.
"""

from pathlib import Path

import mpmath
import numpy as np
import scipy
import scipy.special
import scipy.stats
from mpmath import mpf

import exact

SEED = 20180101
TOLERANCE = 1e-11
LEVELS = [0.999, 0.9, 0.5, 0.1, 0.05, 0.01, 1e-3, 1e-4, 1e-6, 1e-9, 1e-12, 1e-20, 1e-50, 1e-100, 1e-200, 1e-300]


def entry(inputs, name, by_scipy, by_mpmath):
    by_scipy, by_mpmath = float(by_scipy), float(by_mpmath)
    # Below the smallest normal float neither relative precision nor gradual underflow can be asked for.
    if exact.close(by_scipy, by_mpmath, TOLERANCE, 3e-308):
        return inputs | {name: by_scipy}
    return inputs | {name: by_mpmath, "by": "mpmath"}


def rounded(x):
    return float(f"{x:.6g}")


def chi2_sf():
    for df in [1, 2, 3, 4, 5, 7, 9, 10, 17, 19, 49, 99, 299, 1000]:
        points = {0.0, 1e-6, 1.0, float(df), 2.0 * df, 5000.0}
        points |= {rounded(scipy.stats.chi2.isf(level, df)) for level in LEVELS}
        for x in sorted(points):
            want = mpmath.gammainc(mpf(df) / 2, mpf(x) / 2, mpmath.inf, regularized=True)
            yield entry({"x": x, "df": df}, "sf", scipy.stats.chi2.sf(x, df), want)


def kolmogorov():
    points = {k / 20 for k in range(81)} | {k / 2 for k in range(8, 41)} | {1e-300, 0.001, 0.01, 1.3580986393225505, 19.3}
    for x in sorted(points):
        if x == 0:
            want = mpf(1)
        elif x < 1:  # the theta function's other series; exp(-pi^2 / 8x^2) decides below 0.04
            t = mpf(x)
            terms = (mpmath.exp(-((2 * k - 1) ** 2) * mpmath.pi**2 / (8 * t * t)) for k in range(1, 20))
            want = 1 - mpmath.sqrt(2 * mpmath.pi) / t * sum(terms)
        else:
            want = 2 * sum((-1) ** (k - 1) * mpmath.exp(-2 * k * k * mpf(x) ** 2) for k in range(1, 40))
        yield entry({"x": x}, "sf", scipy.special.kolmogorov(x), want)


def f_sf():
    for d1 in [1.0, 1.37, 2.5, 4.0, 7.25, 9.0, 13.8, 27.4, 40.0]:
        for d2 in [20.0, 33.3, 87.5, 240.0, 1000.7, 4000.0]:
            points = {0.0, 0.5, 1.0, 2.0, 10.0}
            levels = [0.99, 0.1, 0.01, 1e-3, 1e-4, 1e-6, 1e-9, 1e-12]
            points |= {rounded(scipy.stats.f.isf(level, d1, d2)) for level in levels}
            for x in sorted(points):
                a, b = mpf(d2) / 2, mpf(d1) / 2
                share = mpf(d2) / (mpf(d2) + mpf(d1) * mpf(x))
                want = mpmath.betainc(a, b, 0, share, regularized=True)
                yield entry({"x": x, "d1": d1, "d2": d2}, "sf", scipy.stats.f.sf(x, d1, d2), want)


def norm_sf():
    points = [-38.0, -10.0, -3.0, -1.0, -0.5, -1e-9, 0.0, 1e-9, 0.1, 0.5, 1.0, 1.5, 1.959963984540054, 2.0, 2.5, 3.0]
    points += [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 35.0, 37.0]
    for x in points:
        yield entry({"x": x}, "sf", scipy.stats.norm.sf(x), mpmath.erfc(mpf(x) / mpmath.sqrt(2)) / 2)


def norm_isf():
    levels = [0.9999999, 0.999, 0.99, 0.975, 0.9, 0.75, 0.6, 0.51, 0.5, 0.49, 0.4, 0.25, 0.2, 0.1, 0.05, 0.025, 0.02425]
    for level in levels + LEVELS[5:]:
        got = float(scipy.stats.norm.isf(level))
        def off(x, level=level):
            return mpmath.log(mpmath.erfc(x / mpmath.sqrt(2)) / 2) - mpmath.log(mpf(level))
        want = mpmath.findroot(off, mpf(got) + mpf("1e-9")) if level != 0.5 else mpf(0)
        yield entry({"p": level}, "isf", got, want)


TABLES = [
    [[0, 0], [0, 0]], [[1, 0], [0, 0]], [[0, 5], [0, 7]], [[5, 0], [7, 0]], [[3, 4], [0, 0]], [[0, 0], [3, 4]],
    [[1, 0], [0, 1]], [[1, 1], [1, 1]], [[2, 0], [0, 2]], [[3, 1], [1, 3]], [[8, 2], [1, 5]], [[1, 9], [11, 3]],
    [[10, 0], [0, 10]], [[0, 10], [10, 0]], [[5, 5], [5, 5]], [[0, 1], [0, 1000]], [[1, 0], [0, 1000]],
    [[7, 3], [3, 7]], [[6, 4], [4, 6]], [[12, 5], [29, 2]], [[100, 2], [1000, 5]], [[2, 7], [8, 2]],
    [[1, 999], [0, 50000]], [[2, 998], [0, 50000]], [[5, 995], [0, 50000]], [[1000, 0], [0, 50000]],
    [[0, 1000], [1, 49999]], [[0, 1000], [50, 49950]], [[0, 1000], [500, 49500]], [[10, 990], [500, 49500]],
    [[11, 989], [500, 49500]], [[20, 980], [500, 49500]], [[30, 970], [500, 49500]], [[100, 900], [500, 49500]],
    [[500, 500], [500, 49500]], [[1, 499], [50, 49950]], [[50, 4950], [50, 49950]], [[5, 4995], [50, 49950]],
    [[500, 49500], [500, 49500]], [[501, 49499], [500, 49500]], [[560, 49440], [500, 49500]],
    [[700, 49300], [500, 49500]], [[2000, 48000], [500, 49500]], [[25000, 25000], [25000, 25000]],
    [[25500, 24500], [25000, 25000]], [[30000, 20000], [25000, 25000]], [[0, 100000], [100000, 0]],
    [[100000, 0], [0, 100000]], [[1000, 999000], [1000, 999000]], [[1100, 998900], [1000, 999000]],
    [[1500, 998500], [1000, 999000]], [[900, 999100], [1000, 999000]], [[1, 999999], [0, 1000000]],
    [[3, 999997], [0, 1000000]], [[30, 999970], [0, 1000000]], [[5000, 4995000], [5000, 4995000]],
    [[5400, 4994600], [5000, 4995000]], [[6000, 4994000], [5000, 4995000]], [[500, 499500], [9500, 9490500]],
    [[600, 499400], [9500, 9490500]], [[400, 499600], [9500, 9490500]], [[1, 9], [1000000, 9000000]],
    [[9, 1], [1000000, 9000000]], [[0, 100], [1000000, 9000000]], [[2500000, 2500000], [2500000, 2500000]],
    [[2503000, 2497000], [2500000, 2500000]], [[2520000, 2480000], [2500000, 2500000]],
]  # fmt: skip


def fisher(rng):
    drawn = [rng.integers(0, high, (2, 2)).tolist() for high in (4, 4, 6, 8, 12, 20, 30, 50, 100, 300) for _ in range(2)]
    for table in TABLES + drawn:
        yield entry({"table": table}, "p", scipy.stats.fisher_exact(table).pvalue, exact.fisher_exact(table))


def benjamini_hochberg(rng):
    vectors = [
        [0.03], [1.0], [0.0], [0.01, 0.02], [0.02, 0.01], [0.05, 0.05, 0.05], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0],
        [0.01, 0.04, 0.03, 0.005], [1e-300, 1e-10, 0.5], [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205],
        [0.9, 0.001, 0.9, 0.001], [0.2, 0.4, 0.6, 0.8, 1.0], [1e-5] + [0.5] * 9, [0.5] * 9 + [1e-5],
    ]  # fmt: skip
    for size, power in [(5, 1), (10, 2), (20, 4), (25, 1), (40, 8), (60, 3)]:
        vectors.append([rounded(p) for p in rng.uniform(size=size) ** power])
    for p in vectors:
        adjusted = scipy.stats.false_discovery_control(p, method="bh").tolist()
        for value, mine in zip(p, adjusted):
            want = min(1.0, min(q * len(p) / sum(r <= q for r in p) for q in p if q >= value))
            assert exact.close(mine, want, 1e-14), (p, mine, want)
        yield {"p": p, "adjusted": adjusted}


def main():
    rng = np.random.default_rng(SEED)
    made_by = "tests/golden/make_tails.py: scipy, checked against mpmath at 60 digits"
    header = {"made_by": made_by, "versions": exact.versions(scipy, np, mpmath), "seed": SEED}
    lists = {
        "chi2_sf": list(chi2_sf()),
        "kolmogorov_sf": list(kolmogorov()),
        "f_sf": list(f_sf()),
        "norm_sf": list(norm_sf()),
        "norm_isf": list(norm_isf()),
        "fisher_exact": list(fisher(rng)),
        "benjamini_hochberg": list(benjamini_hochberg(rng)),
    }
    for key, entries in lists.items():
        by_mpmath = sum("by" in one for one in entries)
        if by_mpmath:
            print(f"{key}: {by_mpmath} of {len(entries)} values from mpmath, scipy being off by more than {TOLERANCE}")
    exact.write(Path(__file__).with_name("tails.json"), header, lists)


if __name__ == "__main__":
    main()
