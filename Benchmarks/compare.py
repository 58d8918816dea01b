"""Times Martlet, onnxruntime and OpenVINO on the same models in one interleaved run.

Every round runs a short block of inferences on each engine in turn (A B C A B C ...), so that a
machine whose speed drifts slows all of them alike; ratios are of medians over rounds, with bootstrap
intervals. Each engine's outputs are held against onnxruntime's in the same run. Every comparison has a process of
its own: an engine that ends it is named, and the others are compared without it.

    Benchmarks/run.sh                                          the models of Models/
    Benchmarks/run.sh --models resnet50.onnx --threads 1,2
    Benchmarks/run.sh --zoo DIR --models resnet50,vgg16 --json results.json
"""

import argparse
import multiprocessing
import os
import pathlib
import statistics
import sys
import tempfile
import time
from concurrent.futures import process

import compiler
import engines
from inputs import difference, model_inputs, parse_shape, random_inputs
from summary import latency, ratio_interval, table, write_results

BLOCK_SECONDS = 0.05
PAUSE_SECONDS = 0.01


def find_models(options):
    """Paths given as such, or as names of files in --zoo; all of the zoo when none is given."""
    folder = pathlib.Path(options.zoo) if options.zoo else compiler.ROOT / "Models"
    names = [n for text in options.models for n in text.split(",") if n]
    if not names:
        return sorted(folder.glob("*.onnx"))
    found = []
    for name in names:
        path = pathlib.Path(name)
        if not path.exists():
            path = folder / f"{path.stem if path.suffix == '.onnx' else name}.onnx"
        if not path.exists():
            sys.exit(f"compare.py: no model '{name}' here or in {folder}")
        found.append(path)
    return found


def make_engines(options, model, ports, arrays, shapes, threads, folder):
    """The engines that could be made, and why the others could not."""
    made, failures = [], {}
    static = not options.keep_symbols
    bindings = {p.name: p.dimensions for p in ports if not p.is_static} if static else shapes

    def make_martlet():
        library = pathlib.Path(folder) / f"{model.stem}-{threads}.so"
        finished = compiler.compile_model(options.martlet, model, library, threads, bindings, options.option)
        if finished.status != 0:
            raise RuntimeError(finished.reason)
        return engines.Martlet(library, arrays, threads)

    makers = {
        "martlet": make_martlet,
        "onnxruntime": lambda: engines.OnnxRuntime(model, arrays, threads, ports, static),
        "openvino": lambda: engines.OpenVino(model, arrays, threads, ports, static),
        "interpreter": lambda: engines.Interpreter(options.martlet, model, bindings),
    }
    for name in options.engines.split(","):
        try:
            made.append(makers[name]())
        except Exception as error:  # an engine that refuses a model is a result of its own
            failures[name] = str(error).strip().splitlines()[-1][:200]
    return made, failures


def blocks(engine, seconds_per_block):
    """A function that runs one block and returns the seconds of its inferences."""
    if isinstance(engine, engines.Interpreter):
        return lambda: engine.block(seconds_per_block)
    for _ in range(2):
        engine.run()
    once = max(min(engines.timed(engine.run, 3)), 1e-7)
    count = max(1, int(seconds_per_block / once))

    def block():
        # The engines before have emptied the caches and their threads may still spin.
        time.sleep(PAUSE_SECONDS)
        if count > 1:
            engine.run()
        return engines.timed(engine.run, count)

    return block


def measure(made, seconds):
    """Alternating rounds for `seconds`, at least 5: per engine all times, and medians by round."""
    run = {engine.name: blocks(engine, BLOCK_SECONDS) for engine in made}
    times = {name: [] for name in run}
    rounds = {name: [] for name in run}
    deadline = time.monotonic() + seconds
    while len(next(iter(rounds.values()))) < 5 or time.monotonic() < deadline:
        for name, block in run.items():
            block_times = block()
            times[name] += block_times
            rounds[name].append(statistics.median(block_times))
    return times, rounds


def compare(options, model, threads, folder):
    """One model on one number of threads, as a JSON-ready record."""
    shapes = dict(parse_shape(text) for text in options.shape)
    ports = model_inputs(model, shapes)
    arrays = random_inputs(ports, options.random_seed)
    made, failures = make_engines(options, model, ports, arrays, shapes, threads, folder)
    record = {
        "model": model.stem, "threads": threads, "failures": failures, "engines": {},
        "inputs": {p.name: list(p.dimensions) for p in ports}}
    comparable = {e.name: e for e in made if hasattr(e, "outputs")}
    if "onnxruntime" in comparable:
        expected = comparable["onnxruntime"].outputs()
        for name, engine in comparable.items():
            if name != "onnxruntime":
                reason, worst = difference(engine.outputs(), expected)
                record["engines"].setdefault(name, {})["agreement"] = {
                    "agrees": reason is None, "reason": reason, "largest_error": worst}
    if made:
        times, rounds = measure(made, options.seconds)
        for name in times:
            record["engines"].setdefault(name, {}).update(
                latency=latency(times[name]), rounds=len(rounds[name]))
        if "martlet" in rounds:
            for name in rounds:
                if name != "martlet":
                    ratio, low, high = ratio_interval(rounds["martlet"], rounds[name])
                    record["engines"][name]["martlet_over_this"] = {
                        "ratio": ratio, "low": low, "high": high}
    return record


def isolated(options, model, threads, folder, names, seconds):
    """`compare` with some engines in a process of its own."""
    part = argparse.Namespace(**{**vars(options), "engines": ",".join(names), "seconds": seconds})
    context = multiprocessing.get_context("spawn")
    with process.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(compare, part, model, threads, folder).result()


def compare_safely(options, model, threads, folder):
    """`compare` without the engines that end their process."""
    names = options.engines.split(",")
    ended = process.BrokenProcessPool
    try:
        return isolated(options, model, threads, folder, names, options.seconds)
    except ended:
        lost = []
        for name in names:
            try:
                isolated(options, model, threads, folder, [name], 0)
            except ended:
                lost.append(name)
        if not lost:
            raise
    rest = [n for n in names if n not in lost]
    record = isolated(options, model, threads, folder, rest, options.seconds)
    record["failures"] |= {name: "ended its process" for name in lost}
    return record


def row(record, names):
    """A line of the table: medians, ratios with intervals, agreement."""
    cells = [record["model"], record["threads"]]
    for name in names:
        found = record["engines"].get(name, {}).get("latency")
        cells.append(f"{found['median']:.3f}" if found else "-")
    for name in names:
        if name == "martlet":
            continue
        ratio = record["engines"].get(name, {}).get("martlet_over_this")
        cells.append(
            f"{ratio['ratio']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]" if ratio else "-")
    agreement = record["engines"].get("martlet", {}).get("agreement")
    cells.append(
        record["failures"].get("martlet", "-") if agreement is None
        else "yes" if agreement["agrees"] else agreement["reason"])
    return cells


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=[], help="files, or names of files in --zoo")
    parser.add_argument("--zoo", help="a folder of .onnx files (default: Models/)")
    parser.add_argument("--threads", default="1,2", help="numbers of threads, such as 1,2")
    parser.add_argument("--seconds", type=float, default=10, help="per model and number of threads")
    parser.add_argument("--engines", default="martlet,onnxruntime,openvino",
                        help="also: interpreter")
    parser.add_argument("--shape", action="append", default=[], metavar="NAME=1,3,224,224")
    parser.add_argument("--keep-symbols", action="store_true",
                        help="leave open dimensions open in every engine")
    parser.add_argument("--random-seed", type=int, default=0)
    parser.add_argument("--option", action="append", default=[],
                        help="passed on to `martlet compile`, such as --option=--target=x86-64-v3")
    parser.add_argument("--peers-isa", metavar="ISA",
                        help="hold OpenVINO's kernels to an instruction set, such as AVX2 "
                        "(ONEDNN_MAX_CPU_ISA); onnxruntime has no such switch")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("--martlet", default=compiler.DEFAULT, help="the command to compile with")
    options = parser.parse_args()
    if options.peers_isa:
        # Read when the library is loaded, which is when an engine is made.
        os.environ["ONEDNN_MAX_CPU_ISA"] = options.peers_isa

    models = find_models(options)
    names = options.engines.split(",")
    records = []
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            for threads in map(int, options.threads.split(",")):
                records.append(compare_safely(options, model, threads, folder))
                print("  ".join(map(str, row(records[-1], names))), file=sys.stderr, flush=True)
                if options.json:
                    write_results(options.json, records)
    headings = ["model", "threads"] + [f"{n} ms" for n in names]
    headings += [f"martlet / {n} [95 %]" for n in names if n != "martlet"] + ["agrees"]
    print(table([row(r, names) for r in records], headings))


if __name__ == "__main__":
    main()
