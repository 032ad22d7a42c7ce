"""A pure concept change: the inputs stay as they are, the relation to the target flips in half of the space.

Python 3, standard library only; seed 7. Writes reference.csv, predictions.ndjson and labels.ndjson into the folder named:
30 days of 400 rows, of which the last 15 are flipped where x2 > 0.5. Send them in pieces of 1,000 rows, predictions first.
"""

import datetime
import json
import math
import pathlib
import random
import sys

ROWS_A_DAY, DAYS, FLIPPED_FROM = 400, 30, 15
folder = pathlib.Path(sys.argv[1])
made = random.Random(7)


def row(flipped):
    x1, x2 = made.uniform(-1, 1), made.random()
    score = 1 / (1 + math.exp(-4 * x1))
    happens = made.random() < score
    return x1, x2, score, (not happens) if flipped and x2 > 0.5 else happens


with open(folder / "reference.csv", "w") as reference:
    print("x1,x2,score,prediction,actual", file=reference)
    for _ in range(20_000):
        x1, x2, score, actual = row(False)
        print(f"{x1:.4f},{x2:.4f},{score:.4f},{int(score >= 0.5)},{int(actual)}", file=reference)

start = datetime.datetime(2026, 1, 1)
with open(folder / "predictions.ndjson", "w") as predictions, open(folder / "labels.ndjson", "w") as labels:
    for i in range(ROWS_A_DAY * DAYS):
        at = start + datetime.timedelta(days=i / ROWS_A_DAY)
        x1, x2, score, actual = row(i >= ROWS_A_DAY * FLIPPED_FROM)
        features = {"x1": round(x1, 4), "x2": round(x2, 4)}
        prediction = {"id": str(i), "ts": at.isoformat() + "Z", "features": features}
        prediction |= {"prediction": int(score >= 0.5), "score": round(score, 4)}
        print(json.dumps(prediction), file=predictions)
        print(json.dumps({"id": str(i), "ts": at.isoformat() + "Z", "actual": int(actual)}), file=labels)
