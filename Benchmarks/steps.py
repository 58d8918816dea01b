"""Holds engines against what a model of QuantizeLinear and DequantizeLinear nodes says, layer by layer, in steps.

A layer reads integers and ends in a QuantizeLinear. Its result is worked out in f64 from the very integers that the engine
gave it to read, dequantized, and rounded half to even: `round(x / scale) + zero point`. Of elements that the engine has
otherwise it is said how many steps they are off, and how far `x / scale` is from half-way between two integers at most:
arithmetic in f32 decides those very near half-way by its own rounding, and only those. The outputs are held
against those of a run in f64 from the model's inputs on.

Engines: martlet, onnxruntime, and onnxruntime without its optimizations, which computes every node by itself.

    Benchmarks/run.sh steps.py --inputs DIR --json steps.json cifar10_resnet20_int8_qdq.onnx

Inputs are arrays recorded as DIR/MODEL/*.npz (record.py). Exits 1 when martlet is off by more than a step, or for
elements that are farther than --half from half-way.
"""

import argparse
import pathlib
import sys
import tempfile

import numpy as np
import onnx

import compiler
import engines
import sections
from inputs import difference
from literal import Literal, points
from summary import table, write_results


class Session(engines.OnnxRuntime):
    """onnxruntime, with its optimizations or without."""

    def __init__(self, model, optimized):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        if not optimized:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def outputs(engine, arrays):
    if isinstance(engine, engines.Martlet):
        engine.artefact.bind(arrays)
    else:
        engine.arrays = arrays
    return engine.outputs()


def sessions(options, path, folder):
    """Two of every engine: of the model, and of the model with every point as an output."""
    model = onnx.load(path)
    more = pathlib.Path(folder) / f"{path.stem}-points.onnx"
    onnx.save(sections.with_outputs(model, list(points(model))), more)
    result = {"martlet": [], "onnxruntime": [], "onnxruntime, not optimized": []}
    for number, file in enumerate((path, more)):
        library = pathlib.Path(folder) / f"{path.stem}-{number}.so"
        finished = compiler.compile_model(options.martlet, file, library, 1, {}, options.option)
        if finished.status != 0:
            raise RuntimeError(finished.reason)
        result["martlet"].append(engines.Martlet(library, None, 1))
        result["onnxruntime"].append(Session(file, True))
        result["onnxruntime, not optimized"].append(Session(file, False))
    return result


def layer(record, got, literal, quotient):
    """Adds one run of one layer to its record."""
    steps = np.abs(got.astype(np.int64) - literal.astype(np.int64))
    wrong = steps > 0
    record["elements"] += steps.size
    record["different"] += int(wrong.sum())
    if wrong.any():
        off = np.abs(quotient[wrong] - np.floor(quotient[wrong]) - 0.5)
        record["most_steps"] = max(record["most_steps"], int(steps.max()))
        record["farthest_from_half"] = max(record["farthest_from_half"], float(off.max()))
    half = np.abs(quotient - np.floor(quotient) - 0.5) < 1e-9
    record["exactly_half"] += int(half.sum())


def measure(options, path, folder):
    model = onnx.load(path)
    literal = Literal(model)
    types = {
        value.name: onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
        for value in model.graph.output}
    engines_of = sessions(options, path, folder)
    empty = {"elements": 0, "different": 0, "most_steps": 0, "farthest_from_half": 0.0, "exactly_half": 0}
    layers = {engine: {p: {"point": p, "of": op} | empty for p, op in literal.points.items()} for engine in engines_of}
    errors = {engine: {"literal": []} | {other: [] for other in engines_of if other != engine} for engine in engines_of}
    same = dict.fromkeys(engines_of, True)
    files = sorted((options.inputs / path.stem).glob("*.npz"))[:options.samples]
    for file in files:
        arrays = dict(np.load(file))
        values, _ = literal.run(arrays, {})
        results = {"literal": {n: values[n].astype(t) for n, t in types.items()}}
        for engine, (plain, with_points) in engines_of.items():
            results[engine] = outputs(plain, arrays)
            found = outputs(with_points, arrays)
            same[engine] &= all(found[n].tobytes() == results[engine][n].tobytes() for n in types)
            values, quotients = literal.run(arrays, found)
            for node in model.graph.node:
                if node.output[0] in literal.points:
                    read = [values[name] for name in node.input]
                    _, expected = literal.quantized(node, *read)
                    layer(layers[engine][node.output[0]], found[node.output[0]], expected, quotients[node.output[0]])
        for engine, others in errors.items():
            for other, found in others.items():
                found.append(difference(results[engine], results[other])[1])
    record = {"model": path.stem, "runs": len(files), "engines": {}}
    for engine, each in layers.items():
        wrong = [r for r in each.values() if r["different"]]
        record["engines"][engine] = {
            "elements": sum(r["elements"] for r in each.values()),
            "different": sum(r["different"] for r in wrong),
            "most_steps": max((r["most_steps"] for r in wrong), default=0),
            "farthest_from_half": max((r["farthest_from_half"] for r in wrong), default=0.0),
            "layers": len(each), "exactly_half": sum(r["exactly_half"] for r in each.values()),
            "outputs_without_points_are_the_same": same[engine],
            "largest_error_against": {other: max(found) for other, found in errors[engine].items()},
            "runs_that_differ_from": {
                other: sum(e > 1e-6 for e in found) for other, found in errors[engine].items()},
            "layers_that_differ": wrong}
    return record


def rows(record):
    for engine, found in record["engines"].items():
        against = found["largest_error_against"]
        where = sorted(found["layers_that_differ"], key=lambda r: -r["different"])[:3]
        yield [
            record["model"], engine, found["different"], found["elements"], found["most_steps"],
            f"{found['farthest_from_half']:.1e}", f"{against['literal']:.1e}",
            "-" if engine == "onnxruntime" else f"{against['onnxruntime']:.1e}",
            " ".join(f"{r['of']}:{r['point']}:{r['different']}" for r in where)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--inputs", type=pathlib.Path, required=True, metavar="DIR")
    parser.add_argument("--samples", type=int, default=100, help="at most so many recorded inputs")
    parser.add_argument("--half", type=float, default=1e-3, help="steps from half-way that f32 may decide")
    parser.add_argument("--option", action="append", default=[], help="passed on to `martlet compile`")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--martlet", default=compiler.DEFAULT)
    options = parser.parse_args()

    records = []
    with tempfile.TemporaryDirectory() as folder:
        for model in options.models:
            records.append(measure(options, model, folder))
    print(table(
        [row for record in records for row in rows(record)],
        ["model", "engine", "off", "elements", "steps", "from half", "outputs/literal", "/onnxruntime", "layers"]))
    if options.json:
        write_results(options.json, records)
    ours = [record["engines"]["martlet"] for record in records]
    sys.exit(any(r["most_steps"] > 1 or r["farthest_from_half"] > options.half for r in ours))


if __name__ == "__main__":
    main()
