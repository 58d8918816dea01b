"""Calibration samples and accuracy of quantized models, with the preprocessing and metrics of a folder of tools.

    Benchmarks/run.sh accuracy.py calibrate MODEL.onnx --shared DIR -o SAMPLES.npz
    Benchmarks/run.sh accuracy.py evaluate MODEL.onnx --shared DIR [--as NAME] [--engines onnxruntime,openvino]
    Benchmarks/run.sh accuracy.py quantize MODEL.onnx... --shared DIR [--option=--method=mse]
    Benchmarks/run.sh accuracy.py compare MODEL.onnx... --shared DIR [--systems martlet,nncf] [--json FILE]

DIR holds tools/eval_models.py, data and models. Samples for calibration are never among those that a model is evaluated
on: CIFAR is calibrated on the lossless images and evaluated on the others, ImageNet on `train256` and evaluated on
`val227`, detectors are calibrated on ImageNet's images and evaluated on COCO's; of clips, plates, recordings, digits, files
and photographs every fourth is for calibration and the others are for evaluation.

`compare` quantizes every model with `martlet`, with onnxruntime (three ways to choose ranges) and with NNCF
(`requirements-quantizers.txt`), from the same samples, and evaluates all of them, and the float model, on the same data. What fails is
recorded as the message that it failed with. Results of systems that are not run again are kept in the file.
"""

import argparse
import csv
import datetime
import gzip
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

import quantizers
import summary as machines

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Of sets that have one part only, this many samples apart are for calibration.
STRIDE = 4


class Enough(Exception):
    """Raised to leave an evaluation once the samples are recorded."""


class Tools:
    """The evaluation script of the shared folder, with its data split into calibration and evaluation."""

    def __init__(self, folder):
        path = pathlib.Path(folder) / "tools" / "eval_models.py"
        spec = importlib.util.spec_from_file_location("eval_models", path)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.data = str(pathlib.Path(folder) / "data")

    def entry(self, name):
        found = self.module.EV.get(name)
        if not found:
            sys.exit(f"accuracy.py: no metric is known for {name}")
        return found

    def split(self, name, calibrating):
        """The metric's function with only one part of its data; (function, arguments)."""
        module, (function, *arguments) = self.module, self.entry(name)
        if function is module.imagenet:
            options = list(arguments) + [224, 0][len(arguments) - 2:]
            part = ("train256",) if calibrating else ("val227",)
            return function, options + [part]
        if function is module.cifar:
            return self.cifar, [arguments[0], calibrating]
        if function is module.coco:
            return (self.images if calibrating else function), arguments
        if function is module.mnist:
            return self.mnist, [arguments[0], calibrating]
        if function in (module.anomaly, module.kws, module.lpr, module.magika, module.vad_kws, module.vww):
            return self.every(function, calibrating), arguments
        return sys.exit(f"accuracy.py: the data of {name} has no part for calibration")

    def fed(self, model, count, calibrating):
        """The first inputs that the model's metric feeds to it: a list of arrays for each run."""
        function, arguments = self.split(model.name, calibrating)
        session = self.module.ort_session(str(model))
        recorded = []

        def run(*arrays):
            recorded.append([np.ascontiguousarray(array) for array in arrays])
            if len(recorded) == count:
                raise Enough
            return session(*arrays)

        try:
            function(run, self.data, *arguments)
        except Enough:
            pass
        return recorded

    def cifar(self, run, data, norm, calibrating):
        part = "lossless" if calibrating else "jpeg"
        samples = np.load(f"{data}/cifar10/test_{part}_rgb.npz")
        top1 = self.module._acc(run, samples["x"], samples["y"], norm)
        return {part: {"n": len(samples["y"]), "top1": top1}}

    def mnist(self, run, data, kind, calibrating):
        def read(name, offset):
            with gzip.open(f"{data}/mnist/t10k-{name}-ubyte.gz") as file:
                return np.frombuffer(file.read(), np.uint8, offset=offset)

        picked = np.arange(len(read("labels-idx1", 8))) % STRIDE == 0
        keep = picked if calibrating else ~picked
        images = read("images-idx3", 16).reshape(-1, 28, 28)[keep].astype(np.float32)
        labels = read("labels-idx1", 8)[keep]
        images = images[:, None] if kind == "raw" else images[..., None] / 255
        right = sum(int(run(image[None])[0].argmax() == label) for image, label in zip(images, labels))
        return {"n": len(labels), "top1": round(100 * right / len(labels), 2)}

    def images(self, run, data, decode):
        """A detector sees ImageNet's images."""
        paths = sorted(pathlib.Path(data, "imagenet", "train256").iterdir())
        for path in paths[::2]:
            decode(run, Image.open(path).convert("RGB"))

    def every(self, function, calibrating):
        """The metric over a part of the clips or plates, by wrapping what it reads."""
        module = self.module

        def part(items):
            picked = np.arange(len(items)) % STRIDE == 0
            return picked if calibrating else ~picked

        def call(run, data, *arguments):
            load, rows, glob = np.load, csv.DictReader, module.glob.glob

            def load_part(path, *rest, **options):
                archive = load(path, *rest, **options)
                keep = part(archive["y"])
                return {name: archive[name][keep] for name in archive.files
                        if len(archive[name]) == len(keep)}

            def rows_part(*rest, **options):
                found = list(rows(*rest, **options))
                return [row for row, kept in zip(found, part(found)) if kept]

            def files_part(*rest, **options):
                found = sorted(glob(*rest, **options))
                return [path for path, kept in zip(found, part(found)) if kept]

            module.np.load, module.csv.DictReader, module.glob.glob = load_part, rows_part, files_part
            try:
                return function(run, data, *arguments)
            finally:
                module.np.load, module.csv.DictReader, module.glob.glob = load, rows, glob

        return call


def calibrate(tools, model, output, count):
    """Writes what the metric feeds to the model as one array per input."""
    import onnx

    graph = onnx.load(model, load_external_data=False).graph
    weights = {tensor.name for tensor in graph.initializer}
    names = [value.name for value in graph.input if value.name not in weights]
    recorded = tools.fed(model, count, True)
    arrays = {name: np.concatenate(parts) for name, parts in zip(names, zip(*recorded))}
    np.savez(output, **arrays)
    return len(recorded)


def openvino_session(path):
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(str(path), "CPU", {"INFERENCE_NUM_THREADS": 2})
    inputs = [port.get_any_name() for port in compiled.inputs]

    def run(*arrays):
        result = compiled(dict(zip(inputs, map(np.ascontiguousarray, arrays))))
        return [result[port] for port in compiled.outputs]

    return run


def evaluate(tools, path, name, engine, outputs=None):
    """The metric; `outputs` receives the first output of every run."""
    function, arguments = tools.split(name, False)
    factory = tools.module.ort_session if engine == "onnxruntime" else openvino_session
    session = factory(str(path))

    def run(*arrays):
        found = session(*arrays)
        if outputs is not None:
            outputs.append(np.array(found[0], np.float32).reshape(-1))
        return found

    return function(run, tools.data, *arguments)


def distance(outputs, expected):
    """How far outputs are from those of the float model: an accuracy of some hundred samples says less of that."""
    error = sum(float(np.square(a - b).sum()) for a, b in zip(outputs, expected))
    mean = np.mean([values.mean() for values in expected])
    power = sum(float(np.square(values - mean).sum()) for values in expected)
    same = [int(a.argmax() == b.argmax()) for a, b in zip(outputs, expected)]
    return {"relative_error": float(f"{error / max(power, 1e-30):.3g}"),
            "same_greatest": round(100 * sum(same) / max(len(same), 1), 2)}


def quantize(options, tools):
    """Calibrates, quantizes and evaluates models, beside the float model."""
    import onnx

    for model in options.models:
        with tempfile.TemporaryDirectory() as folder:
            samples = pathlib.Path(folder, "samples.npz")
            output = pathlib.Path(options.output or folder, model.name)
            count = calibrate(tools, model, samples, options.samples)
            start = time.monotonic()
            finished = subprocess.run(
                [options.martlet, "quantize", model, "--calibration", samples, "-o", output,
                 "--json", *options.option], capture_output=True, text=True, check=False)
            seconds = time.monotonic() - start
            if finished.returncode != 0:
                sys.exit(finished.stderr)
            summary = json.loads(finished.stdout)
            onnx.checker.check_model(str(output), full_check=True)
            record = {
                "model": model.stem, "samples": count, "seconds": round(seconds, 1),
                "damage": summary["damage"], "damage_of_all": summary["damageOfAll"],
                "integer_share": round(summary["integerShare"], 4),
                "float": {node["name"]: node["floatReason"] for node in summary["nodes"]
                          if "floatReason" in node}}
            if options.float:
                record["float_accuracy"] = evaluate(tools, model, model.name, "onnxruntime")
            for engine in options.engines.split(","):
                record[engine] = evaluate(tools, output, model.name, engine)
            print(json.dumps(record), flush=True)


def martlet(options, model, samples, output, record):
    """Quantizes with the program, and keeps what it says of it."""
    finished = subprocess.run(
        [options.martlet, "quantize", model, "--calibration", samples, "-o", output, "--json",
         *options.option], capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise RuntimeError(finished.stderr.strip()[-400:])
    found = json.loads(finished.stdout)
    work = sum(node["multiplyAccumulates"] for node in found["nodes"])
    wide = sum(node["multiplyAccumulates"] for node in found["nodes"] if node["bits"] == 16)
    record.update(
        damage=found["damage"], damage_of_all=found["damageOfAll"],
        integer_share=round(found["integerShare"], 4), wide_share=round(wide / max(work, 1), 4),
        float_nodes=sum(node["bits"] == 32 for node in found["nodes"]), nodes=len(found["nodes"]))


def measure_system(options, tools, system, model, samples, folder, expected):
    """Quantizes with one system and evaluates the result; what fails becomes text.

    `expected` has the float model's outputs, and gets them from it.
    """
    record = {"notes": []}
    path = model
    start = time.monotonic()
    try:
        if system != "float":
            path = pathlib.Path(folder, f"{system.replace(' ', '-')}.onnx")
            if system == "martlet":
                martlet(options, model, samples, path, record)
            else:
                quantizers.TOOLS[system](model, samples, path, record["notes"])
            record["seconds"] = round(time.monotonic() - start, 1)
    except Exception as error:
        record["failure"] = f"{type(error).__name__}: {str(error)[:400]}"
        return record
    for engine in ["onnxruntime"] + (["openvino"] if system in ("float", "martlet", "nncf") else []):
        outputs = []
        try:
            record[engine] = evaluate(tools, path, model.name, engine, outputs)
            if system == "float" and engine == "onnxruntime":
                expected.extend(outputs)
            elif engine == "onnxruntime" and expected:
                record["distance"] = distance(outputs, expected)
        except Exception as error:
            record[engine] = {"failure": f"{type(error).__name__}: {str(error)[:400]}"}
    return record


def figure(found):
    """The metric of a result, as a number for the table."""
    if found is None:
        return "-"
    while True:
        if "failure" in found:
            return "fails"
        for name in ("top1", "exact_match", "mAP", "auc", "auc_speech_vs_silence", "mIoU_present"):
            if name in found:
                return f"{found[name]}"
        found = next(value for value in found.values() if isinstance(value, dict))


def save(report, path):
    """Writes results beside their place and renames them."""
    report["machine"] = machines.machine() | {"versions": quantizers.versions()}
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
    os.replace(partial, path)


def compare(options, tools):
    """Every model by every system; a table, and a file with everything."""
    systems = ["float", "martlet", *quantizers.TOOLS]
    wanted = options.systems.split(",") if options.systems else systems
    path = pathlib.Path(options.json or ROOT / "Benchmarks" / "results" /
                        f"{datetime.date.today()}-quantization-accuracy.json")
    report = json.loads(path.read_text()) if path.exists() else {"results": {}}
    for model in options.models:
        results = report["results"].setdefault(model.stem, {})
        with tempfile.TemporaryDirectory() as folder:
            samples = pathlib.Path(folder, "samples.npz")
            try:
                results["samples"] = calibrate(tools, model, samples, options.samples)
            except Exception as error:
                results["failure"] = f"no samples: {type(error).__name__}: {str(error)[:400]}"
                save(report, path)
                continue
            expected = []
            for system in ["float"] + [system for system in wanted if system != "float"]:
                results[system] = measure_system(
                    options, tools, system, model, samples, folder, expected)
                print(json.dumps({"model": model.stem, system: results[system]}), flush=True)
                save(report, path)
    columns = [(system, "onnxruntime") for system in systems]
    columns += [(system, "openvino") for system in ("float", "martlet", "nncf")]
    print("| model | " + " | ".join(
        system + (" in openvino" if engine == "openvino" else "") for system, engine in columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, results in report["results"].items():
        cells = []
        for system, engine in columns:
            found = results.get(system)
            cells.append("fails" if found and "failure" in found else figure(found and found.get(engine)))
        print(f"| {name} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["calibrate", "evaluate", "quantize", "compare"])
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--shared", required=True, help="the folder with tools, data and models")
    parser.add_argument("-o", "--output", help="samples to write, or a folder for quantized models")
    parser.add_argument("--samples", type=int, default=128, help="for calibration, at most")
    parser.add_argument("--as", dest="name", help="the model that the metric is known for")
    parser.add_argument("--engines", default="onnxruntime", help="comma-separated: openvino")
    parser.add_argument("--systems", help="comma-separated, of compare: float, martlet, "
                        + ", ".join(quantizers.TOOLS) + " (default: all)")
    parser.add_argument("--json", help="the results file of compare")
    parser.add_argument("--float", action="store_true", help="also evaluate the float model")
    parser.add_argument("--option", action="append", default=[], help="passed on to quantize")
    parser.add_argument("--martlet", default=str(ROOT / ".build/release/martlet"))
    options = parser.parse_args()
    tools = Tools(options.shared)
    if options.action == "quantize":
        return quantize(options, tools)
    if options.action == "compare":
        return compare(options, tools)
    for model in options.models:
        if options.action == "calibrate":
            print(calibrate(tools, model, options.output, options.samples), "samples")
        else:
            for engine in options.engines.split(","):
                found = evaluate(tools, model, options.name or model.name, engine)
                print(json.dumps({"model": model.name, engine: found}), flush=True)
    return None


if __name__ == "__main__":
    sys.exit(main())
