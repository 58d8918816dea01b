"""The engines that are compared, behind one shape: made, run, outputs by name."""

import json
import time

import numpy as np

import compiler
from artefact import Artefact


class Martlet:
    """A shared library made by `martlet compile`, called in this process."""

    name = "martlet"

    def __init__(self, library, arrays, threads):
        self.artefact = Artefact(library, threads)
        if arrays is not None:
            self.artefact.bind(arrays)

    def run(self):
        self.artefact.run()

    def outputs(self):
        self.artefact.run()
        return self.artefact.outputs()


class OnnxRuntime:
    """onnxruntime's CPU provider, default optimizations, inputs bound once."""

    name = "onnxruntime"

    def __init__(self, model, arrays, threads, ports, static):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        if static:
            for port in ports:
                for symbol, dimension in zip(port.symbols, port.dimensions):
                    if symbol and symbol != "?":
                        options.add_free_dimension_override_by_name(symbol, dimension)
        self.session = ort.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"])
        self.arrays = arrays
        self.binding = self.session.io_binding()
        for name, array in arrays.items():
            self.binding.bind_cpu_input(name, array)
        for output in self.session.get_outputs():
            self.binding.bind_output(output.name, "cpu")

    def run(self):
        self.session.run_with_iobinding(self.binding)

    def outputs(self):
        names = [output.name for output in self.session.get_outputs()]
        return dict(zip(names, self.session.run(names, self.arrays)))


class OpenVino:
    """OpenVINO's CPU plug-in with the latency hint, in float32.

    Its default is bfloat16 on CPUs that have it, which would be another computation.
    """

    name = "openvino"

    def __init__(self, model, arrays, threads, ports, static):
        import openvino as ov

        core = ov.Core()
        network = core.read_model(str(model))
        if static and not all(port.is_static for port in ports):
            network.reshape({port.name: list(port.dimensions) for port in ports})
        compiled = core.compile_model(
            network, "CPU",
            {
                "INFERENCE_NUM_THREADS": threads,
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_PRECISION_HINT": "f32",
            })
        self.request = compiled.create_infer_request()
        self.compiled = compiled
        self.kept = []
        for port in compiled.inputs:
            array = next(arrays[name] for name in port.get_names() if name in arrays)
            tensor = ov.Tensor(array, shared_memory=True)
            self.kept.append(tensor)
            self.request.set_tensor(port, tensor)

    def run(self):
        self.request.infer()

    def outputs(self):
        self.request.infer()
        results = {}
        for port in self.compiled.outputs:
            array = np.array(self.request.get_tensor(port).data)
            for name in port.get_names():
                results[name] = array
        return results


class Interpreter:
    """Martlet's reference interpreter, in a process of its own that reports its own times."""

    name = "interpreter"

    def __init__(self, martlet, model, shapes):
        self.command = [martlet, "bench", model, "--engine", "interpreter", "--json", "-"]
        for name, dimensions in shapes.items():
            self.command += ["--shape", f"{name}={','.join(map(str, dimensions))}"]

    def block(self, seconds):
        """Seconds of each inference of a run of about `seconds`."""
        finished = compiler.run(self.command + ["--seconds", seconds])
        if finished.status != 0:
            raise RuntimeError(finished.reason)
        report = json.loads(finished.stdout)
        return [ms / 1000 for ms in report["results"][0]["latency"]["all"]]


def timed(run, count):
    """Seconds of each of `count` calls."""
    times = []
    for _ in range(count):
        start = time.perf_counter_ns()
        run()
        times.append((time.perf_counter_ns() - start) / 1e9)
    return times
