"""Converts the data sets bundled in the PyPI package nannyml 0.13.1 to the Parquet files of this repository.

    pip install -r tests/golden/requirements.txt
    pip install --no-deps nannyml==0.13.1
    python tests/golden/convert_data.py

Writes src/demo/data/car_loan_{reference,analysis,labels}.parquet and
tests/fixtures/employment_ma_{reference,analysis,labels}.parquet. The data is (c) NannyML NV, Apache License 2.0; the
NOTICE.md beside each set says what is changed. A second run writes the same bytes.
"""

import importlib.metadata
import importlib.util
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ("nannyml", "0.13.1")
EVERY = 6  # employment_ma keeps every sixth row
EMPLOYMENT_COLUMNS = ["id", "year", "AGEP", "SCHL", "MAR", "RELP", "DIS", "SEX", "RAC1P"]


def source_dir():
    name, version = PACKAGE
    found = importlib.metadata.version(name)
    if found != version:
        raise SystemExit(f"{name} {version} is wanted, {found} is installed")
    # find_spec does not import the package, so its dependencies are not needed.
    return Path(importlib.util.find_spec(name).origin).parent / "datasets" / "data"


def write(frame, path, types):
    """Writes `frame` with exactly `types`; refuses a cast that would change a value."""
    arrays, fields, encodings = [], [], {}
    for name in frame.columns:
        kind = types[name]
        values = frame[name]
        if kind == pa.int64():
            whole = pd.to_numeric(values).astype("int64")
            assert (whole == pd.to_numeric(values)).all(), f"{name} has fractions"
            values = whole
            encodings[name] = "DELTA_BINARY_PACKED" if whole.is_unique else None
        elif kind == pa.timestamp("ms"):
            values = pd.to_datetime(values, format="%Y-%m-%d %H:%M:%S.%f").astype("datetime64[ms]")
            encodings[name] = "DELTA_BINARY_PACKED"
        array = pa.Array.from_pandas(values, type=kind, safe=True)
        assert array.null_count == 0, f"{name} has nulls"
        arrays.append(array)
        fields.append(pa.field(name, kind))
    encodings = {name: encoding for name, encoding in encodings.items() if encoding}
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=pa.schema(fields)),
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in frame.columns if name not in encodings],
        column_encoding=encodings,
        row_group_size=len(frame),
    )
    print(f"{path.relative_to(ROOT)}: {len(frame)} rows, {path.stat().st_size} bytes")


def car_loan(source, out):
    types = {
        "id": pa.int64(),
        "car_value": pa.int64(),
        "salary_range": pa.string(),
        "debt_to_income_ratio": pa.float64(),
        "loan_length": pa.int64(),
        "repaid_loan_on_prev_car": pa.bool_(),
        "size_of_downpayment": pa.string(),
        "driver_tenure": pa.float64(),
        "repaid": pa.int64(),
        "timestamp": pa.timestamp("ms"),
        "y_pred_proba": pa.float64(),
        "y_pred": pa.int64(),
    }
    for part, name in [("reference", "reference"), ("analysis", "analysis"), ("labels", "analysis_target")]:
        # pandas' default float parser may be one unit in the last place off.
        frame = pd.read_csv(source / f"synthetic_car_loan_{name}.csv", float_precision="round_trip")
        write(frame, out / f"car_loan_{part}.parquet", types)


def employment(source, out):
    types = dict.fromkeys(EMPLOYMENT_COLUMNS + ["employed", "prediction"], pa.int64())
    types["predicted_probability"] = pa.float64()
    columns = {
        "reference": EMPLOYMENT_COLUMNS + ["employed", "prediction", "predicted_probability"],
        "analysis": EMPLOYMENT_COLUMNS + ["prediction", "predicted_probability"],
        "labels": ["id", "employed"],
    }
    for part, name in [("reference", "reference"), ("analysis", "analysis"), ("labels", "analysis_target")]:
        frame = pd.read_parquet(source / f"employment_MA_{name}.pq").iloc[::EVERY]
        write(frame[columns[part]].reset_index(drop=True), out / f"employment_ma_{part}.parquet", types)


if __name__ == "__main__":
    car_loan(source_dir(), ROOT / "src" / "demo" / "data")
    employment(source_dir(), ROOT / "tests" / "fixtures")
