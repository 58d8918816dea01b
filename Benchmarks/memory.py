"""Runs one session of each model on many different inputs and watches its resident memory.

A model whose shapes depend on data makes room as it meets larger ones; after that a session must not grow any more. The
curve is taken every --every runs. Exits 1 when the second half of the runs adds more than --most megabytes.

    Benchmarks/run.sh memory.py --runs 1000 --json memory.json fasterrcnn.onnx ssdlite.onnx
"""

import argparse
import os
import pathlib
import sys
import tempfile

import numpy as np

import compiler
import opening
from artefact import Artefact
from inputs import model_inputs, parse_shape
from summary import table, write_results


def resident_bytes():
    """Resident memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fill(array, rng):
    """Another picture: noise of a contrast and a brightness of its own, with a few bright rectangles in it."""
    if array.dtype.kind in "iub":
        array[...] = rng.integers(0, 2 if array.dtype.kind == "b" else 100, array.shape)
        return
    array[...] = rng.random(array.shape, np.float32) * rng.random() + rng.random() * 0.3
    if array.ndim < 2:
        return
    height, width = array.shape[-2:]
    for _ in range(rng.integers(0, 12)):
        top, left = rng.integers(0, height), rng.integers(0, width)
        array[..., top:top + rng.integers(1, height), left:left + rng.integers(1, width)] = rng.random()


def rounds(options, shapes):
    """Shapes of the inputs, one dictionary for each size that is run in turn."""
    sizes = opening.wanted_sizes(options)
    for number in range(max(map(len, sizes.values()), default=1)):
        yield shapes | {name: each[number % len(each)] for name, each in sizes.items()}


def watch(options, model, folder):
    """Compiles and runs a model in this process, and returns a record of the curve."""
    model = opening.copied(options, model, folder)
    shapes = dict(parse_shape(text) for text in options.shape)
    ports = model_inputs(model, shapes)
    bindings = {n: d for n, d in shapes.items() if n in {p.name for p in ports}}
    library = pathlib.Path(folder) / f"{model.stem}.so"
    finished = compiler.compile_model(
        options.martlet, model, library, options.threads, bindings, options.option)
    record = {
        "model": model.stem, "runs": options.runs, "every": options.every, "sizes": options.size,
        "constants": options.constant, "reason": None}
    if finished.status != 0:
        return record | {"reason": f"compile: {finished.reason}"}
    artefact = Artefact(library, options.threads)
    buffers = []
    for sizes in rounds(options, shapes):
        buffers.append({p.name: np.zeros(p.dimensions, p.dtype) for p in model_inputs(model, sizes)})
    rng = np.random.default_rng(options.random_seed)
    curve, sizes = [resident_bytes()], set()
    for run in range(1, options.runs + 1):
        arrays = buffers[run % len(buffers)]
        for array in arrays.values():
            fill(array, rng)
        artefact.bind(arrays)
        artefact.run()
        sizes.add(tuple(artefact.output_shapes()))
        if run % options.every == 0:
            curve.append(resident_bytes())
    artefact.close()
    growth = curve[-1] - curve[len(curve) // 2]
    record |= {"resident_bytes": curve, "output_shapes": len(sizes), "second_half_bytes": growth}
    if growth > options.most * 1e6:
        record["reason"] = f"grew by {growth / 1e6:.1f} MB in the second half"
    return record


def row(record):
    curve = [f"{b / 1e6:.1f}" for b in record.get("resident_bytes", [])]
    return [record["model"], " ".join(curve), record.get("output_shapes", "-"), record["reason"] or ""]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--every", type=int, default=100, help="runs between two looks at the memory")
    parser.add_argument("--most", type=float, default=2, help="megabytes that the second half may add")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=1,3,224,224")
    opening.add_options(parser)
    parser.add_argument("--random-seed", type=int, default=0)
    parser.add_argument("--option", action="append", default=[], help="passed on to `martlet compile`")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--martlet", default=compiler.DEFAULT)
    options = parser.parse_args()

    records = []
    with tempfile.TemporaryDirectory() as folder:
        for model in options.models:
            records.append(watch(options, model, folder))
            print("  ".join(map(str, row(records[-1]))), file=sys.stderr, flush=True)
    print(table([row(r) for r in records], ["model", "resident MB", "output shapes", "reason"]))
    if options.json:
        write_results(options.json, records)
    sys.exit(any(r["reason"] for r in records))


if __name__ == "__main__":
    main()
