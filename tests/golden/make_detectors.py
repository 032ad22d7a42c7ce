"""Expected changes of streams and trends: tests/golden/detectors.json.

    pip install -r tests/golden/requirements-detectors.txt
    python tests/golden/make_detectors.py

Changes are the rows at which River's detectors fire, trends are pymannkendall's and scipy's. Streams are made of
splitmix64, from SEED and the stream's own number, so that a test makes the same ones from their description; daily
series are drawn with numpy and written out. A second run writes the same bytes.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pymannkendall
import scipy.stats
from river import drift

SEED = 20180101
MASK = 2**64 - 1


def splitmix64(seed):
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def uniform(number):
    return (number >> 11) / 2**53


# Each part: how many rows, and the level p of them. "bernoulli": 1 with probability p. "number": p + u, u in [0, 1).
STREAMS = [
    ("quiet", "bernoulli", [(100_000, 0.1)]),
    ("step up", "bernoulli", [(5_000, 0.06), (5_000, 0.10)]),
    ("step up, large", "bernoulli", [(1_000, 0.1), (1_000, 0.5)]),
    ("step down", "bernoulli", [(3_000, 0.4), (3_000, 0.1)]),
    ("up and down", "bernoulli", [(2_000, 0.1), (500, 0.6), (2_000, 0.1), (500, 0.6), (2_000, 0.1)]),
    ("ramp", "bernoulli", [(500, k / 40) for k in range(1, 30)]),
    ("all right, then all wrong", "bernoulli", [(700, 0.0), (700, 1.0), (700, 0.0)]),
    ("constant", "bernoulli", [(4_000, 1.0)]),
    ("numbers", "number", [(4_000, 0.0), (4_000, 0.05), (4_000, 0.3)]),
    ("numbers, large", "number", [(300, 0.0), (300, 9.0), (300, 0.0), (300, 4.0)]),
    ("numbers, quiet", "number", [(30_000, 0.5)]),
    ("short", "bernoulli", [(31, 0.0), (9, 1.0)]),
]


def stream(number, kind, parts):
    draws = splitmix64(SEED + number)
    for rows, level in parts:
        for _ in range(rows):
            u = uniform(next(draws))
            yield float(u < level) if kind == "bernoulli" else level + u


def fired(detector, values, attribute="drift_detected"):
    at = []
    for i, value in enumerate(values):
        detector.update(value)
        if getattr(detector, attribute):
            at.append(i)
    return at


def streams():
    for number, (name, kind, parts) in enumerate(STREAMS):
        values = list(stream(number, kind, parts))
        case = {"name": name, "kind": kind, "seed": SEED + number, "parts": parts, "sum": sum(values)}
        case["adwin"] = fired(drift.ADWIN(), values)
        case["page_hinkley"] = fired(drift.PageHinkley(), values)
        if kind == "bernoulli":
            case["ddm"] = fired(drift.binary.DDM(), values)
            case["ddm_warnings"] = len(fired(drift.binary.DDM(), values, "warning_detected"))
            case["hddm_a"] = fired(drift.binary.HDDMA(), values)
            case["hddm_a_warnings"] = len(fired(drift.binary.HDDMA(), values, "warning_detected"))
        yield case


def series():
    rng = np.random.default_rng(SEED)
    noise = lambda days: rng.normal(size=days)
    yield "noise", noise(30)
    yield "rising", noise(60) + 0.05 * np.arange(60)
    yield "falling, tied", np.round(noise(90) - 0.02 * np.arange(90))
    walk = [0.0]
    for step in noise(119):
        walk.append(0.8 * walk[-1] + step)
    yield "autoregressive", np.array(walk)
    yield "autoregressive, rising", np.array(walk) + 0.03 * np.arange(120)
    yield "weekly", np.tile([0, 1, 2, 3, 2, 1, 0], 8) + 0.1 * noise(56)
    yield "accuracy", 0.94 - 0.0004 * np.arange(180) + 0.004 * noise(180)
    yield "fewest", noise(10)


def trends():
    for name, values in series():
        values = [round(float(value), 6) for value in values]
        for level in [0.05, 0.001]:
            got = pymannkendall.hamed_rao_modification_test(values, alpha=level)
            yield {
                "name": name,
                "level": level,
                "values": values,
                "slope": float(scipy.stats.theilslopes(values).slope),
                "tau": float(got.Tau),
                "z": float(got.z),
                # pymannkendall's 2(1 − cdf) has no tail.
                "p_value": float(2 * scipy.stats.norm.sf(abs(got.z))),
            }


def gaps():
    rng = np.random.default_rng(SEED + 1)
    days = np.sort(rng.choice(400, 80, replace=False))
    values = [round(float(value), 6) for value in rng.normal(size=80) + 0.01 * days]
    slope = float(scipy.stats.theilslopes(values, days).slope)
    return {"days": days.tolist(), "values": values, "slope": slope}


versions = {tool: version(tool) for tool in ["numpy", "pymannkendall", "river", "scipy"]}
made = {"tools": versions, "seed": SEED, "streams": list(streams()), "trends": list(trends()), "gaps": gaps()}
text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
(Path(__file__).parent / "detectors.json").write_text(text.replace('{"name"', '\n{"name"') + "\n")
