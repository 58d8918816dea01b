"""Compiles models, runs them on one and two threads, and holds every output against onnxruntime.

Agreement is |a - b| <= 1e-3 |b| + 1e-4 max|b| for every element (numpy's assert_allclose with
rtol 1e-3, atol 1e-4 of the largest output). A model that chooses among its values, as detectors do, and disagrees is
compared section by section (sections.py), by the same rule. Exits 1 when a model does not compile or disagrees.

With --open a copy of the model takes every --size, whatever numbers its file has; both engines run the copy. A size that
onnxruntime refuses, because the model computes with numbers where sizes were meant, has to be refused here as well.

    Benchmarks/run.sh agree.py Models/*.onnx
    Benchmarks/run.sh agree.py --open --size input.1=2,3,224,224 --size input.1=1,3,97,161 resnet18.onnx
"""

import argparse
import pathlib
import sys
import tempfile
import textwrap

import numpy as np
import onnx

import compiler
import engines
import opening
import sections
from artefact import ArtefactError
from inputs import difference, model_inputs, parse_shape, random_inputs
from literal import Literal
from summary import table, write_results


def weight_bytes(model):
    """Bytes of the model file and of the files that its weights are in."""
    files = {model}
    for tensor in onnx.load(model, load_external_data=False).graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                files.add(model.parent / entry.value)
    return sum(file.stat().st_size for file in files)


def compare_sections(options, path, arrays, folder):
    """Compares a model section by section; returns a record of each, none when it is one section."""
    model = onnx.load(path)
    known = opening.inferred_dimensions(model) if options.open else None
    parts = sections.split(model)
    if len(parts) < 2:
        return []
    crossing = list(dict.fromkeys(n for s in parts for n in s.inputs + s.outputs if n not in arrays))
    whole = pathlib.Path(folder) / f"{path.stem}-whole.onnx"
    onnx.save(sections.with_outputs(model, crossing), whole)
    values = engines.OnnxRuntime(whole, arrays, 1, [], False).outputs() | arrays
    records = []
    for number, part in enumerate(parts):
        file = pathlib.Path(folder) / f"{path.stem}-{number}.onnx"
        onnx.save(sections.section_model(model, part, values, known), file)
        given = {n: values[n] for n in part.inputs if not sections.is_size(values[n])}
        expected = {name: values[name] for name in part.outputs}
        library = file.with_suffix(".so")
        finished = compiler.compile_model(options.martlet, file, library, 1, {}, options.option)
        reason, error = finished.reason, None
        if finished.status == 0:
            reason, error = difference(engines.Martlet(library, given, 1).outputs(), expected)
            library.unlink()
        file.unlink()
        records.append({
            "nodes": len(part.nodes), "outputs": len(part.outputs), "reason": reason,
            "largest_error": error})
    whole.unlink()
    return records


def runs(options, model):
    """What the model is run on, one dictionary of arrays after the other.

    Recorded inputs where there are any; else noise, of every size that --size names.
    """
    recorded = sorted((options.inputs / model.stem).glob("*.npz")) if options.inputs else []
    if recorded:
        for path in recorded:
            yield dict(np.load(path))
        return
    shapes = dict(parse_shape(text) for text in options.shape)
    names = {port.name for port in model_inputs(model, shapes)}
    sizes = {name: each for name, each in opening.wanted_sizes(options).items() if name in names}
    for number in range(max(map(len, sizes.values()), default=1)):
        chosen = {name: each[min(number, len(each) - 1)] for name, each in sizes.items()}
        ports = model_inputs(model, shapes | chosen)
        for seed in range(options.random_seed, options.random_seed + options.samples):
            yield random_inputs(ports, seed, options.below)


def compare(options, model, sessions, reference, arrays, folder):
    """One run of all sessions against onnxruntime, as a JSON-ready record."""
    record = {
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
        "agrees": False, "largest_error": None, "reason": None}
    reference.arrays = arrays
    try:
        expected = reference.outputs()
    except Exception as refusal:
        return refused(record, refusal, sessions, arrays)
    results, worst = [], 0.0
    for threads, session in sessions:
        session.artefact.bind(arrays)
        results.append(session.outputs())
        reason, error = difference(results[-1], expected)
        worst = max(worst, error)
        if reason and not record["reason"]:
            record["reason"] = f"{threads} threads: {reason}"
    record["largest_error"] = worst
    for name, first in results[0].items():
        if any(first.tobytes() != other[name].tobytes() for other in results[1:]):
            record["reason"] = f"{name}: bytes depend on the number of threads"
            return record
    if record["reason"]:
        if options.exact:
            record["against_f64"] = against_exact(model, arrays, expected, results[0])
        return in_sections(options, model, arrays, folder, record)
    return record | {"agrees": True}


def against_exact(model, arrays, expected, found):
    """How far both engines are from the same model in f64, by the rule; the reason is that of the first element."""
    types = {name: array.dtype for name, array in expected.items()}
    values, _ = Literal(onnx.load(model)).run(arrays, {})
    exact = {name: values[name].astype(dtype) for name, dtype in types.items()}
    record = {}
    for engine, each in (("martlet", found), ("onnxruntime", expected)):
        reason, error = difference(each, exact)
        record[engine] = {"largest_error": error, "reason": reason}
    return record


def refused(record, refusal, sessions, arrays):
    """The record of a run that onnxruntime refuses: it agrees when every session refuses it too."""
    said = str(refusal).strip().splitlines()[0].rpartition("running ")[2]
    record["reason"] = f"onnxruntime refuses: {textwrap.shorten(said, 200)}"
    for _, session in sessions:
        session.artefact.bind(arrays)
        try:
            session.artefact.run()
        except ArtefactError as error:
            record["refusal"] = str(error)
            continue
        record["reason"] += "; the artefact runs"
        return record
    return record | {"agrees": True}


def agree(options, model, folder):
    """Everything measured on one model, as a JSON-ready record."""
    size = weight_bytes(model)
    model = opening.copied(options, model, folder)
    shapes = dict(parse_shape(text) for text in options.shape)
    ports = model_inputs(model, shapes)
    names = {port.name for port in ports}
    bindings = {n: d for n, d in shapes.items() if n in names}
    if options.static:
        bindings |= {p.name: p.dimensions for p in ports if not p.is_static}
    library = pathlib.Path(folder) / f"{model.stem}.so"
    counts = [int(t) for t in options.threads.split(",")]
    finished = compiler.compile_model(
        options.martlet, model, library, max(counts), bindings, options.option)
    record = {
        "model": model.stem, "compile_seconds": finished.seconds,
        "compile_peak_bytes": finished.peak_bytes, "agrees": False, "largest_error": None,
        "library_bytes": None, "model_bytes": size, "runs": [], "reason": None}
    if finished.status != 0:
        record["reason"] = f"compile: exit {finished.status}: {finished.reason}"
        return record
    record["library_bytes"] = library.stat().st_size
    try:
        sessions = [(threads, engines.Martlet(library, None, threads)) for threads in counts]
        reference = engines.OnnxRuntime(model, {}, max(counts), ports, False)
        for arrays in runs(options, model):
            record["runs"].append(compare(options, model, sessions, reference, arrays, folder))
    except Exception as error:  # a refusal by either engine is a line of the table
        record["reason"] = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        return record
    finally:
        library.unlink()
        if opening.is_copied(options):
            model.unlink()
    wrong = [r for r in record["runs"] if not r["agrees"]]
    errors = [r["largest_error"] for r in record["runs"] if r["largest_error"] is not None]
    said = [r["reason"] for r in wrong or record["runs"] if r["reason"]]
    record.update(
        agrees=not wrong, largest_error=max(errors, default=None), reason=said[0] if said else None)
    return record


def in_sections(options, model, arrays, folder, record):
    """The record of a run that disagrees as a whole, with what its sections say where it has several."""
    record["sections"] = compare_sections(options, model, arrays, folder)
    wrong = [s["reason"] for s in record["sections"] if s["reason"]]
    if not record["sections"]:
        return record
    record["reason"] = f"{record['reason']}; {len(record['sections'])} sections"
    if wrong:
        record["reason"] += f", of which {len(wrong)} disagree: {wrong[0]}"
    else:
        record["reason"] += " that agree"
        record["agrees"] = True
        record["largest_error"] = max(s["largest_error"] for s in record["sections"])
    return record


def row(record):
    size = record["library_bytes"]
    error = record["largest_error"]
    return [
        record["model"], "pass" if record["agrees"] else "FAIL",
        "-" if error is None else f"{error:.1e}", len(record["runs"]), f"{record['compile_seconds']:.1f}",
        f"{record['compile_peak_bytes'] / 1e6:.0f}",
        "-" if size is None else f"{size / 1e6:.2f}", f"{record['model_bytes'] / 1e6:.2f}",
        record["reason"] or ""]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=1,3,224,224")
    opening.add_options(parser)
    parser.add_argument("--exact", action="store_true",
                        help="hold both engines against the model in f64 where they disagree")
    parser.add_argument("--inputs", type=pathlib.Path, metavar="DIR",
                        help="run on arrays recorded as DIR/MODEL/*.npz where there are any")
    parser.add_argument("--static", action="store_true",
                        help="bind open dimensions when compiling (default: leave them open)")
    parser.add_argument("--samples", type=int, default=1, help="random inputs per model")
    parser.add_argument("--random-seed", type=int, default=0)
    parser.add_argument("--below", type=int, default=1000, help="integer inputs are below this")
    parser.add_argument("--option", action="append", default=[],
                        help="passed on to `martlet compile`, such as --option=--target=x86-64-v3")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--martlet", default=compiler.DEFAULT)
    options = parser.parse_args()

    records = []
    with tempfile.TemporaryDirectory() as folder:
        for model in options.models:
            records.append(agree(options, model, folder))
            print("  ".join(map(str, row(records[-1]))), file=sys.stderr, flush=True)
    print(table(
        [row(r) for r in records],
        ["model", "agrees", "error/largest", "runs", "compile s", "peak MB", ".so MB", "model MB", "reason"]))
    passed = sum(r["agrees"] for r in records)
    print(f"{passed} of {len(records)} models agree with onnxruntime")
    if options.json:
        write_results(options.json, records)
    sys.exit(0 if passed == len(records) else 1)


if __name__ == "__main__":
    main()
