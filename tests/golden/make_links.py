"""Expected links of a metric with a KPI, and trends over few periods: tests/golden/links.json.

    pip install -r tests/golden/requirements-links.txt
    python tests/golden/make_links.py

- links: by lag, scipy's spearmanr of the windows that have both values, as [n, rho, low, high]; the interval by numpy after
  Bonett and Wright (2000) at 95 %, as scipy has none of theirs. strongest: the lag of the largest |rho|, its interval and
  scipy's theilslopes with its own, both at level 1 - 0.05 / lags.
- short: the one-sided p-values that values rise and that they fall. Up to 10 values without ties: scipy's kendalltau
  against 1, 2, 3 ... with method="exact"; otherwise from pymannkendall's original_test, z signed by the way asked.

Series are drawn with numpy from SEED and written out. A second run writes the same bytes.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pymannkendall
import scipy.stats

SEED = 20001127


def series():
    rng = np.random.default_rng(SEED)
    noise = lambda n: rng.normal(size=n)
    x = noise(12)
    yield "fewest", x, 0.8 * x + 0.6 * noise(12), 0
    x = noise(60)
    yield "at once", x, 3 * x + noise(60), 4
    x = noise(80)
    yield "two windows later", x, np.concatenate([noise(2), 1.5 * x[:-2]]) + noise(80), 4
    x = noise(150)
    yield "falls", x, np.exp(-x) + 0.2 * noise(150), 2
    yield "unrelated", noise(90), noise(90), 6
    x = np.round(noise(70))
    yield "tied x", x, 2 * x + noise(70), 2
    x = noise(70)
    yield "tied y", x, np.round(x + 0.5 * noise(70)), 2
    x = np.round(2 * noise(100)) / 2
    yield "both tied", x, np.round(x + noise(100)), 3
    x = 0.9 + 0.02 * noise(52)
    yield "recall and gain", x, 1e4 * x + 150 * noise(52), 1
    x, y = noise(64), noise(64) + np.arange(64) / 20
    x[[3, 9, 10, 40]] = np.nan
    y[[0, 9, 31, 63]] = np.nan
    yield "missing windows", x, y, 3


def spearman_interval(rho, n, level):
    half = scipy.stats.norm.ppf(0.5 + level / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return np.tanh(np.arctanh(rho) + np.array([-half, half]))


def links():
    for name, x, y, lag_max in series():
        x, y = np.round(x, 6), np.round(y, 6)
        pairs, lags = [], []
        for lag in range(lag_max + 1):
            early, late = x[: len(x) - lag], y[lag:]
            known = ~(np.isnan(early) | np.isnan(late))
            early, late = early[known], late[known]
            rho = scipy.stats.spearmanr(early, late).statistic
            pairs.append((early, late))
            lags.append([len(early), float(rho), *map(float, spearman_interval(rho, len(early), 0.95))])
        best = max(range(len(lags)), key=lambda lag: abs(lags[lag][1]))
        level = 1 - 0.05 / len(lags)
        n, rho = lags[best][:2]
        slope = scipy.stats.theilslopes(pairs[best][1], pairs[best][0], alpha=level)
        strongest = {
            "lag": best,
            "level": level,
            "interval": [float(bound) for bound in spearman_interval(rho, n, level)],
            "slope": [float(slope.slope), float(slope.low_slope), float(slope.high_slope)],
        }
        or_none = lambda values: [None if np.isnan(value) else float(value) for value in values]
        yield {"name": name, "x": or_none(x), "y": or_none(y), "lags": lags, "strongest": strongest}


def short():
    rng = np.random.default_rng(SEED + 1)
    for n in range(4, 15):
        for steps in [0, 0.5, -0.5, 1.5]:
            for tied in [False, True]:
                values = rng.normal(size=n) + steps * np.arange(n)
                values = np.round(values) if tied else np.round(values, 6)
                if len(set(values)) == 1:
                    continue
                if n <= 10 and len(set(values)) == n:
                    order = np.arange(n)
                    p = lambda way: scipy.stats.kendalltau(order, values, method="exact", alternative=way).pvalue
                    up, down = p("greater"), p("less")
                else:
                    z = pymannkendall.original_test(values).z
                    up, down = scipy.stats.norm.sf(z), scipy.stats.norm.sf(-z)
                yield {"name": f"{n}", "values": values.tolist(), "up": float(up), "down": float(down)}


versions = {tool: version(tool) for tool in ["numpy", "pymannkendall", "scipy"]}
made = {"tools": versions, "seed": SEED, "links": list(links()), "short": list(short())}
text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
(Path(__file__).parent / "links.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")
