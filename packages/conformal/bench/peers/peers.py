"""The same tasks in NumPy, as one writes them straight from the formulas, and with scikit-learn for Venn-Abers.

Reads raw float64 files from the folder in argv[1], times each task (median of the rounds in argv[2]) and prints one JSON
object: task -> {"seconds", "check"}; `check` is a number that the other side must reproduce.
"""

import json
import sys
import time

import numpy as np

folder, rounds = sys.argv[1], int(sys.argv[2])
ALPHA = 0.1


def load(name):
    return np.fromfile(f"{folder}/{name}.f64")


def timed(task, repeat=rounds):
    task()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        check = task()
        times.append(time.perf_counter() - start)
    return {"seconds": float(np.median(times)), "check": float(check)}


def rank(n):
    return int(np.ceil(round((n + 1) * (1 - ALPHA), 9)))


mu, y, test = load("mu"), load("y"), load("test")
rows, labels, test_rows = load("rows").reshape(-1, 10), load("labels").astype(int), load("testRows").reshape(-1, 10)
scores, weights, test_weights, test_scores = load("scores"), load("weights"), load("testWeights"), load("testScores")
residuals, predictions = load("residuals"), load("predictions").reshape(-1, len(load("residuals")))
venn_scores, venn_labels, venn_tests = load("vennScores"), load("vennLabels"), load("vennTests")


def intervals(select):
    s = np.abs(y - mu)
    q = select(s)[rank(len(s)) - 1]
    lower, upper = test - q, test + q
    return upper[-1] - lower[-1]


def aps():
    order = np.argsort(-rows, axis=1)
    cumulative = np.cumsum(np.take_along_axis(rows, order, axis=1), axis=1)
    at = np.argsort(order, axis=1)[np.arange(len(rows)), labels]
    q = np.sort(cumulative[np.arange(len(rows)), at])[rank(len(rows)) - 1]
    test_order = np.argsort(-test_rows, axis=1)
    inside = np.cumsum(np.take_along_axis(test_rows, test_order, axis=1), axis=1) <= q
    sets = np.zeros(test_rows.shape, dtype=bool)
    np.put_along_axis(sets, test_order, inside, axis=1)
    return sets.sum()


def weighted():
    order = np.argsort(scores)
    s, w = scores[order], weights[order]
    total = 0.0
    for test_weight in test_weights:
        mass = np.cumsum(w) / (w.sum() + test_weight)
        at = np.argmax(mass >= 1 - ALPHA)
        total += s[at]
    return total


def p_values():
    return sum((1 + np.count_nonzero(scores >= t)) / (len(scores) + 1) for t in test_scores)


def jackknife_plus():
    lower = np.sort(predictions - residuals, axis=1)[:, len(residuals) - rank(len(residuals))]
    upper = np.sort(predictions + residuals, axis=1)[:, rank(len(residuals)) - 1]
    return (upper - lower).sum()


def venn_abers():
    from sklearn.isotonic import IsotonicRegression

    total = 0.0
    for s in venn_tests:
        x = np.append(venn_scores, s)
        fits = [IsotonicRegression().fit(x, np.append(venn_labels, label)).predict([s])[0] for label in (0, 1)]
        total += fits[0] + fits[1]
    return total


tasks = {
    "intervals": lambda: intervals(np.sort),
    "intervals, np.partition": lambda: intervals(lambda s: np.partition(s, rank(len(s)) - 1)),
    "APS sets": aps,
    "weighted thresholds": weighted,
    "p-values": p_values,
    "jackknife+": jackknife_plus,
}
results = {name: timed(task) for name, task in tasks.items()}
try:
    import sklearn  # noqa: F401

    results["Venn-Abers"] = timed(venn_abers, max(1, rounds // 5))
except ImportError:
    pass
print(json.dumps({"numpy": np.__version__, "results": results}))
