"""Medians, ratios with confidence intervals, and what machine they were measured on."""

import datetime
import json
import os
import pathlib
import platform
import subprocess

import numpy as np


def ratio_interval(ours, theirs, seed=0, resamples=2000):
    """Ratio of medians of paired rounds with a 95 % bootstrap interval over the rounds.

    Percentile bootstrap (Efron and Tibshirani 1993, chapter 13): rounds are drawn with
    replacement, both engines of a round together, so drift of the machine cancels.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    chosen = np.random.default_rng(seed).integers(0, len(ours), (resamples, len(ours)))
    ratios = np.median(ours[chosen], axis=1) / np.median(theirs[chosen], axis=1)
    low, high = np.percentile(ratios, [2.5, 97.5])
    return float(np.median(ours) / np.median(theirs)), float(low), float(high)


def latency(times):
    """Milliseconds: smallest, median, 90th and 99th percentile, and how many."""
    ms = np.asarray(times) * 1e3
    return {
        "min": float(ms.min()), "median": float(np.median(ms)),
        "p90": float(np.percentile(ms, 90)), "p99": float(np.percentile(ms, 99)), "count": len(ms)}


def _first(path, prefix=""):
    try:
        for line in pathlib.Path(path).read_text().splitlines():
            if line.startswith(prefix):
                return line.removeprefix(prefix).strip(" \t:")
    except OSError:
        pass
    return None


def machine():
    """The facts without which a time means nothing."""
    versions = {"python": platform.python_version()}
    for package in ("numpy", "onnx", "onnxruntime", "openvino"):
        try:
            versions[package] = __import__(package).__version__
        except ImportError:
            versions[package] = None
    commit = subprocess.run(
        ["git", "-C", str(pathlib.Path(__file__).parent), "describe", "--always", "--dirty"],
        capture_output=True, text=True).stdout.strip()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "governor": _first("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "load": os.getloadavg()[0],
        "kernel": platform.release(),
        "commit": commit or None,
        "versions": versions,
    }


def write_results(path, records):
    """Writes records and the machine's facts as JSON: beside the file, then renamed."""
    results = {"machine": machine(), "results": records}
    beside = pathlib.Path(f"{path}.part")
    beside.write_text(json.dumps(results, indent=2) + "\n")
    beside.replace(path)


def table(rows, headings):
    """Plain text columns; numbers to the right."""
    cells = [headings] + [[str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
    numeric = [
        all(row[i][:1].isdigit() or row[i] in ("", "-") for row in cells[1:])
        for i in range(len(headings))]
    lines = []
    for row in cells:
        columns = [
            c.rjust(w) if right else c.ljust(w) for c, w, right in zip(row, widths, numeric)]
        lines.append("  ".join(columns).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)
