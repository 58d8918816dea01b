"""Calibration samples and accuracy of quantized models, with the preprocessing and metrics of a folder of tools.

    Benchmarks/run.sh accuracy.py calibrate MODEL.onnx --shared DIR -o SAMPLES.npz
    Benchmarks/run.sh accuracy.py evaluate MODEL.onnx --shared DIR [--as NAME] [--engines onnxruntime,openvino]
    Benchmarks/run.sh accuracy.py quantize MODEL.onnx... --shared DIR [--option=--method=mse]

DIR holds tools/eval_models.py, data and models. Samples for calibration are never among those that a model is evaluated
on: CIFAR is calibrated on the lossless images and evaluated on the others, ImageNet on `train256` and evaluated on
`val227`, detectors are calibrated on ImageNet's images and evaluated on COCO's; of clips, plates, recordings and
photographs every fourth is for calibration and the others are for evaluation.
"""

import argparse
import csv
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

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
        if function in (module.anomaly, module.kws, module.lpr, module.vww):
            return self.every(function, calibrating), arguments
        return sys.exit(f"accuracy.py: the data of {name} has no part for calibration")

    def cifar(self, run, data, norm, calibrating):
        part = "lossless" if calibrating else "jpeg"
        samples = np.load(f"{data}/cifar10/test_{part}_rgb.npz")
        top1 = self.module._acc(run, samples["x"], samples["y"], norm)
        return {part: {"n": len(samples["y"]), "top1": top1}}

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
            load, rows = np.load, csv.DictReader

            def load_part(path, *rest, **options):
                archive = load(path, *rest, **options)
                keep = part(archive["y"])
                return {name: archive[name][keep] for name in archive.files
                        if len(archive[name]) == len(keep)}

            def rows_part(*rest, **options):
                found = list(rows(*rest, **options))
                return [row for row, kept in zip(found, part(found)) if kept]

            module.np.load, module.csv.DictReader = load_part, rows_part
            try:
                return function(run, data, *arguments)
            finally:
                module.np.load, module.csv.DictReader = load, rows

        return call


def calibrate(tools, model, output, count):
    """Writes what the metric feeds to the model as one array per input."""
    import onnx

    graph = onnx.load(model, load_external_data=False).graph
    weights = {tensor.name for tensor in graph.initializer}
    names = [value.name for value in graph.input if value.name not in weights]
    function, arguments = tools.split(model.name, True)
    session = tools.module.ort_session(str(model))
    recorded = []

    def run(*arrays):
        recorded.append([np.ascontiguousarray(array) for array in arrays])
        if len(recorded) == count:
            raise Enough
        return session(*arrays)

    try:
        function(run, tools.data, *arguments)
    except Enough:
        pass
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


def evaluate(tools, path, name, engine):
    function, arguments = tools.split(name, False)
    factory = tools.module.ort_session if engine == "onnxruntime" else openvino_session
    return function(factory(str(path)), tools.data, *arguments)


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


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["calibrate", "evaluate", "quantize"])
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--shared", required=True, help="the folder with tools, data and models")
    parser.add_argument("-o", "--output", help="samples to write, or a folder for quantized models")
    parser.add_argument("--samples", type=int, default=128, help="for calibration, at most")
    parser.add_argument("--as", dest="name", help="the model that the metric is known for")
    parser.add_argument("--engines", default="onnxruntime", help="comma-separated: openvino")
    parser.add_argument("--float", action="store_true", help="also evaluate the float model")
    parser.add_argument("--option", action="append", default=[], help="passed on to quantize")
    parser.add_argument("--martlet", default=str(ROOT / ".build/release/martlet"))
    options = parser.parse_args()
    tools = Tools(options.shared)
    if options.action == "quantize":
        return quantize(options, tools)
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
