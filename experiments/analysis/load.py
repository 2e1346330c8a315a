"""An exported sweep in Python: bandwidth by buffer size, with intervals.

    python3 experiments/analysis/load.py results/quickstart-1 bandwidth.pdf

The types come from datapackage.json, which the export writes beside the CSV files. `rows` needs
Python alone, `frames` needs pandas, `draw_bandwidth` needs pandas and matplotlib.
"""

import csv
import json
import sys
from pathlib import Path

MIB = 1024**2

# How pandas holds the types of a data package; those of integers and booleans may be missing.
DTYPES = {"integer": "Int64", "number": "float64", "boolean": "boolean", "string": "string"}
READ = {
    "integer": int,
    "number": float,
    "boolean": lambda text: text == "true",
}


def resources(folder):
    """What datapackage.json says of each table, by name."""
    package = json.loads((Path(folder) / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


def types_of(resource):
    return {field["name"]: field.get("type", "string") for field in resource["schema"]["fields"]}


def rows(folder, name):
    """A table as a list of dictionaries; an empty field is None."""
    resource = resources(folder)[name]
    types = types_of(resource)
    delimiter = resource.get("dialect", {}).get("delimiter", ",")
    with open(Path(folder) / resource["path"], newline="", encoding="utf-8") as file:
        return [
            {
                column: None if text == "" else READ.get(types[column], str)(text)
                for column, text in row.items()
            }
            for row in csv.DictReader(file, delimiter=delimiter)
        ]


def frames(folder):
    """Every table of the sweep as a pandas DataFrame, by name."""
    import pandas

    tables = {}
    for name, resource in resources(folder).items():
        types = types_of(resource)
        tables[name] = pandas.read_csv(
            Path(folder) / resource["path"],
            dtype={column: DTYPES[kind] for column, kind in types.items() if kind in DTYPES},
            parse_dates=[column for column, kind in types.items() if kind == "datetime"],
            sep=resource.get("dialect", {}).get("delimiter", ","),
            keep_default_na=False,
            na_values=[""],
        )
    return tables


def channel(row):
    sockets = " -s" if row["socket_buffers"] else ""
    program = f" by {row['program']}" if isinstance(row["program"], str) else ""
    return f"{row['ipc']} {row['mode']}{sockets}{program}, {row['total_bytes'] / MIB:g} MiB"


def draw_bandwidth(summary):
    """A line for each host, channel, program and total, over the buffer sizes. Returns the figure."""
    import matplotlib.pyplot as pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    known = summary.dropna(subset=["bandwidth_median_bytes_per_s"])
    several = known["host"].nunique() > 1
    names = known.apply(
        lambda row: f"{row['host']}: {channel(row)}" if several else channel(row), axis=1
    )
    for name, cells in known.groupby(names, sort=False):
        cells = cells.sort_values("buffer_bytes")
        median = cells["bandwidth_median_bytes_per_s"] / MIB
        # A cell of few runs has no interval.
        below = (median - cells["bandwidth_ci_low_bytes_per_s"] / MIB).fillna(0)
        above = (cells["bandwidth_ci_high_bytes_per_s"] / MIB - median).fillna(0)
        sizes = cells["buffer_bytes"].astype(float)
        axes.errorbar(sizes, median, yerr=[below, above], marker="o", capsize=3, label=name)
    axes.set_xscale("log", base=2)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("Buffer (bytes)")
    axes.set_ylabel("Bandwidth (MiB/s)")
    axes.legend()
    figure.tight_layout()
    return figure


def main(folder, file):
    for row in rows(folder, "summary"):
        median = row["bandwidth_median_bytes_per_s"]
        shown = "-" if median is None else f"{median / MIB:.1f}"
        print(f"{channel(row)}\t{row['buffer_bytes']}\t{row['n']}\t{shown}")
    try:
        draw_bandwidth(frames(folder)["summary"]).savefig(file)
    except ModuleNotFoundError as error:
        sys.exit(f"no figure: {error.name} is not installed (pip install pandas matplotlib)")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: load.py FOLDER FILE.pdf")
    main(sys.argv[1], sys.argv[2])
