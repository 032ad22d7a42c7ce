"""Expected values of driftd's performance, estimates and fairness: tests/golden/performance.json.

    pip install -r tests/golden/requirements-performance.txt
    python tests/golden/make_performance.py

Everything is computed from raw rows by scikit-learn, NannyML and fairlearn, or by plain numpy where they have no such
function (marked below); never from counts. A second run writes the same bytes.

- binary: rows as [score, predicted, actual]; log_loss clips scores at 1e-15; ece: 10 right-closed equal-width bins, by
  numpy; roc_auc_error: DeLong's, by numpy from the placements of every row (ddof 1). null: not defined.
- multiclass: rows as [predicted, actual, scores by class]. regression: rows as [predicted, actual]; mape leaves out rows
  of actual 0; *_error: bootstrap with 4,000 resamples, so within a few per cent only.
- isotonic: rows as [score, actual]; scikit-learn's IsotonicRegression(out_of_bounds="clip") at `at`.
- car_loan: by chunk of 5,000 analysis rows of the bundled files. `nannyml`: CBPE's published estimates, `realised` its
  performance calculator's; `raw`: NannyML's arithmetic on uncalibrated scores, by numpy. `knots_at`: NannyML's calibrator.
- fairness: groups as [name, [tp, fp, fn, tn]]; fairlearn on the rows that make these counts.
"""

import os
import warnings
from pathlib import Path

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # NannyML reports its use otherwise

import fairlearn
import fairlearn.metrics as fm
import nannyml
import numpy as np
import pandas as pd
import scipy
import sklearn
import sklearn.metrics as sm
from sklearn.isotonic import IsotonicRegression

import exact

warnings.filterwarnings("ignore")
ROOT = Path(__file__).resolve().parents[2]
SEED = 20261125
CHUNK = 5000


def or_none(value):
    return None if value is None or np.isnan(value) else float(value)


def bins_of(scores):
    return np.searchsorted(np.linspace(0, 1, 11)[1:-1], scores)


def ece(y, s):
    bins = bins_of(s)
    return sum(abs(s[bins == b].sum() - y[bins == b].sum()) for b in range(10)) / len(y)


def delong_error(y, s):
    positives, negatives = s[y == 1], s[y == 0]
    wins = (positives[:, None] > negatives[None, :]) + 0.5 * (positives[:, None] == negatives[None, :])
    return np.sqrt(wins.mean(axis=1).var(ddof=1) / len(positives) + wins.mean(axis=0).var(ddof=1) / len(negatives))


def binary_case(name, s, p, y):
    s, p, y = np.asarray(s, float), np.asarray(p, int), np.asarray(y, int)
    tn, fp, fn, tp = sm.confusion_matrix(y, p, labels=[0, 1]).ravel()
    both = 0 < y.sum() < len(y)
    clipped = np.clip(s, 1e-15, 1 - 1e-15)
    expected = {
        "accuracy": sm.accuracy_score(y, p),
        "precision": sm.precision_score(y, p) if tp + fp else None,
        "recall": sm.recall_score(y, p) if tp + fn else None,
        "f1": sm.f1_score(y, p) if tp + fp + fn else None,
        "specificity": sm.recall_score(y, p, pos_label=0) if tn + fp else None,
        "roc_auc": sm.roc_auc_score(y, s) if both else None,
        "pr_auc": sm.average_precision_score(y, s) if y.sum() else None,
        "log_loss": sm.log_loss(y, clipped, labels=[0, 1]),
        "brier": sm.brier_score_loss(y, s),
        "ece": ece(y, s),
    }
    # -log1p(-s) keeps the digits that scikit-learn's 1 - s loses next to 0.
    mine = -np.mean(np.where(y == 1, np.log(clipped), np.log1p(-clipped)))
    assert exact.close(mine, expected["log_loss"], 1e-3), (name, mine, expected["log_loss"])
    case = {"name": name, "rows": [[exact.number(a), int(b), int(c)] for a, b, c in zip(s, p, y)]}
    case["expected"] = {key: or_none(value) for key, value in expected.items()} | {"log_loss": float(mine)}
    if both and min(y.sum(), len(y) - y.sum()) > 1:
        case["roc_auc_error"] = float(delong_error(y, s))
    return case


def binary(rng):
    def drawn(n, decimals, sharp=1.0):
        s = np.round(rng.beta(sharp, sharp, n), decimals)
        return s, s > 0.5, rng.uniform(size=n) < s

    yield binary_case("tied scores", *drawn(400, 1))
    yield binary_case("scores of two decimals", *drawn(600, 2, 0.5))
    yield binary_case("smooth scores, more than bins", *drawn(1500, 6))
    s, p, y = drawn(300, 2)
    yield binary_case("a score that says nothing", s, p, rng.uniform(size=300) < 0.3)
    yield binary_case("a score that is upside down", s, p, ~y)
    yield binary_case("rare positives", *((s := np.round(rng.beta(1, 20, 800), 3)), s > 0.1, rng.uniform(size=800) < s))
    yield binary_case("one class, all negative", [0.1, 0.2, 0.9], [0, 0, 1], [0, 0, 0])
    yield binary_case("one class, all positive", [0.1, 0.2, 0.9], [0, 0, 1], [1, 1, 1])
    yield binary_case("all tied", [0.5] * 6, [1] * 6, [0, 1, 1, 0, 1, 0])
    yield binary_case("sure, right and wrong", [0, 0, 1, 1, 1, 0], [0, 0, 1, 1, 1, 0], [0, 1, 1, 0, 1, 0])
    yield binary_case("parted completely", [0.1, 0.2, 0.3, 0.7, 0.8], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1])
    yield binary_case("one row", [0.7], [1], [1])
    yield binary_case("nothing predicted positive", [0.1, 0.2, 0.4], [0, 0, 0], [0, 1, 0])
    yield binary_case("edges of calibration bins", np.arange(11) / 10, [0] * 5 + [1] * 6, [0, 1] * 5 + [1])


def multiclass(rng):
    for name, classes, n, p in [("three", 3, 500, [0.5, 0.3, 0.2]), ("five, one rare", 5, 800, [0.4, 0.3, 0.2, 0.09, 0.01])]:
        y = rng.choice(classes, n, p=p)
        scores = np.round(rng.dirichlet([0.6] * classes, n) * 0.6 + 0.4 * np.eye(classes)[y], 2)
        scores[:, 0] += 1 - scores.sum(axis=1)
        scores = np.clip(np.round(scores, 2), 0, 1)
        scores /= scores.sum(axis=1, keepdims=True)
        predicted = scores.argmax(axis=1)
        expected = {"accuracy": sm.accuracy_score(y, predicted)}
        for average in ["macro", "micro", "weighted"]:
            expected[f"precision_{average}"] = sm.precision_score(y, predicted, average=average, zero_division=0)
            expected[f"recall_{average}"] = sm.recall_score(y, predicted, average=average, zero_division=0)
            expected[f"f1_{average}"] = sm.f1_score(y, predicted, average=average, zero_division=0)
        expected["roc_auc"] = sm.roc_auc_score(y, scores, multi_class="ovr", average="macro")
        picks = [rng.integers(0, n, n) for _ in range(2000)]
        error = {
            "f1_macro": np.std([sm.f1_score(y[i], predicted[i], average="macro", zero_division=0) for i in picks]),
            "precision_weighted": np.std(
                [sm.precision_score(y[i], predicted[i], average="weighted", zero_division=0) for i in picks]
            ),
        }
        # Uncalibrated estimates, by numpy: probabilities of actual classes added by predicted class.
        table = np.array([[scores[predicted == j, k].sum() for j in range(classes)] for k in range(classes)])
        weight = table.ravel()
        actual, guess = np.divmod(np.arange(classes * classes), classes)
        estimated = {
            "accuracy": sm.accuracy_score(actual, guess, sample_weight=weight),
            "f1_macro": sm.f1_score(actual, guess, average="macro", sample_weight=weight),
            "recall_weighted": sm.recall_score(actual, guess, average="weighted", sample_weight=weight),
        }
        rows = [[int(a), int(b), list(map(float, c))] for a, b, c in zip(predicted, y, scores)]
        as_floats = lambda values: {key: float(value) for key, value in values.items()}
        yield {"name": name, "classes": classes, "rows": rows} | {
            "expected": as_floats(expected), "bootstrap_error": as_floats(error), "estimated": as_floats(estimated)
        }  # fmt: skip


def regression(rng):
    y = np.round(rng.gamma(2, 50, 700), 3)
    y[::50] = 0
    for name, predicted, actual in [
        ("noise grows with the value", y * rng.normal(1, 0.2, 700) + rng.normal(3, 5, 700), y),
        ("worse than the mean", rng.permutation(y), y),
        ("far from zero", 1e6 + y + rng.normal(0, 4, 700), 1e6 + y),
        ("heavy tails", y + rng.standard_t(5, 700) * 10, y),
        ("constant actuals", rng.normal(5, 1, 50), np.full(50, 5.0)),
        ("only zeros", rng.normal(0, 1, 50), np.zeros(50)),
    ]:
        predicted = np.round(predicted, 3)
        e = predicted - actual
        constant = actual.std() == 0
        expected = {
            "mae": sm.mean_absolute_error(actual, predicted),
            "rmse": sm.root_mean_squared_error(actual, predicted),
            "mape": sm.mean_absolute_percentage_error(actual[actual != 0], predicted[actual != 0]) if actual.any() else None,
            "bias": e.mean(),
            "r2": None if constant else sm.r2_score(actual, predicted),
        }
        case = {"name": name, "rows": [[float(a), float(b)] for a, b in zip(predicted, actual)]}
        case["expected"] = {key: or_none(value) for key, value in expected.items()}
        case["zero_actuals"] = int((actual == 0).sum())
        case["residual_quantiles"] = {str(q): float(np.quantile(e, q / 100, method="inverted_cdf")) for q in (5, 50, 95)}
        if not constant:
            picks = [rng.integers(0, len(e), len(e)) for _ in range(4000)]
            case["bootstrap_error"] = {
                "mae": float(np.std([np.abs(e[i]).mean() for i in picks])),
                "rmse": float(np.std([np.sqrt((e[i] ** 2).mean()) for i in picks])),
                "bias": float(np.std([e[i].mean() for i in picks])),
                "r2": float(np.std([1 - (e[i] ** 2).mean() / actual[i].var() for i in picks])),
            }
        yield case


def isotonic(rng):
    def case(name, s, y):
        fitted = IsotonicRegression(out_of_bounds="clip").fit(s, y)
        at = np.unique(np.round(np.r_[-0.5, 0, rng.uniform(size=40), s[:20], 1, 1.5], 6))
        return {
            "name": name,
            "rows": [[float(a), int(b)] for a, b in zip(s, y)],
            "at": [[float(a), float(b)] for a, b in zip(at, fitted.predict(at))],
        }

    s = rng.uniform(size=500)
    yield case("smooth", s, rng.uniform(size=500) < s**2)
    s = np.round(rng.uniform(size=800), 2)
    yield case("tied", s, rng.uniform(size=800) < 0.2 + 0.5 * s)
    yield case("falling", s[:100], rng.uniform(size=100) < 1 - s[:100])
    yield case("one row", np.array([0.3]), np.array([1]))
    yield case("one class", s[:10], np.zeros(10, int))


METRICS = ["roc_auc", "accuracy", "precision", "recall", "f1", "specificity"]


def raw_estimates(s, p):
    """NannyML's arithmetic on scores as they are (it rounds the curve of the AUC to 5 digits; this does not)."""
    tp, fp = s[p == 1].sum(), (1 - s[p == 1]).sum()
    fn, tn = s[p == 0].sum(), (1 - s[p == 0]).sum()
    both, labels = np.r_[s, s], np.r_[np.ones(len(s)), np.zeros(len(s))]
    return {
        "roc_auc": sm.roc_auc_score(labels, both, sample_weight=np.r_[s, 1 - s]),
        "accuracy": (tp + tn) / len(s),
        "precision": tp / (tp + fp),
        "recall": tp / (tp + fn),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "specificity": tn / (tn + fp),
    }


def car_loan(_):
    folder = ROOT / "src" / "demo" / "data"
    reference, analysis, labels = (pd.read_parquet(folder / f"car_loan_{part}.parquet") for part in ("reference", "analysis", "labels"))
    columns = dict(y_pred_proba="y_pred_proba", y_pred="y_pred", y_true="repaid", problem_type="classification_binary")
    cbpe = nannyml.CBPE(**columns, metrics=METRICS, chunk_size=CHUNK).fit(reference)
    estimated = cbpe.estimate(analysis).filter(period="analysis").to_df()
    labelled = analysis.merge(labels, on="id", suffixes=("_", ""))
    known = nannyml.PerformanceCalculator(**columns, metrics=METRICS, chunk_size=CHUNK).fit(reference)
    realised = known.calculate(labelled).filter(period="analysis").to_df()
    at = np.arange(101) / 100
    assert cbpe.needs_calibration
    yield {"knots_at": [[float(a), float(b)] for a, b in zip(at, cbpe.calibrator.calibrate(at))]}
    for chunk in range(len(analysis) // CHUNK):
        rows = analysis.iloc[chunk * CHUNK : (chunk + 1) * CHUNK]
        yield {
            "nannyml": {metric: float(estimated[metric]["value"].iloc[chunk]) for metric in METRICS},
            "sampling_error": {metric: float(estimated[metric]["sampling_error"].iloc[chunk]) for metric in METRICS},
            "realised": {metric: float(realised[metric]["value"].iloc[chunk]) for metric in METRICS},
            "raw": {k: float(v) for k, v in raw_estimates(rows["y_pred_proba"].to_numpy(), rows["y_pred"].to_numpy()).items()},
        }


def fairness(rng):
    cases = {
        "two": [["a", [400, 100, 90, 410]], ["b", [250, 90, 160, 500]]],
        "three, one always selected": [["a", [30, 20, 0, 0]], ["b", [25, 10, 5, 40]], ["c", [60, 1, 30, 90]]],
        "alike": [["a", [40, 10, 10, 40]], ["b", [80, 20, 20, 80]]],
    }
    cases["five drawn"] = [[name, rng.integers(5, 300, 4).tolist()] for name in "abcde"]
    for name, groups in cases.items():
        y, p, g = [], [], []
        for group, cells in groups:
            for rows, (guess, actual) in zip(cells, [(1, 1), (1, 0), (0, 1), (0, 0)]):
                y, p, g = y + [actual] * rows, p + [guess] * rows, g + [group] * rows
        accuracy = fm.MetricFrame(metrics=sm.accuracy_score, y_true=y, y_pred=p, sensitive_features=g)
        tpr = fm.MetricFrame(metrics=fm.true_positive_rate, y_true=y, y_pred=p, sensitive_features=g)
        yield {
            "name": name,
            "groups": groups,
            "expected": {
                "demographic_parity_difference": float(fm.demographic_parity_difference(y, p, sensitive_features=g)),
                "demographic_parity_ratio": float(fm.demographic_parity_ratio(y, p, sensitive_features=g)),
                "equal_opportunity_difference": float(tpr.difference()),
                "equalised_odds_difference": float(fm.equalized_odds_difference(y, p, sensitive_features=g)),
                "accuracy_difference": float(accuracy.difference()),
            },
        }


def main():
    header = {
        "made_by": "tests/golden/make_performance.py: scikit-learn, NannyML, fairlearn, numpy",
        "versions": exact.versions(sklearn, nannyml, fairlearn, np, pd, scipy),
        "seed": SEED,
    }
    parts = [binary, multiclass, regression, isotonic, car_loan, fairness]
    lists = {part.__name__: list(part(np.random.default_rng([SEED, i]))) for i, part in enumerate(parts)}
    exact.write(Path(__file__).with_name("performance.json"), header, lists)


if __name__ == "__main__":
    main()
