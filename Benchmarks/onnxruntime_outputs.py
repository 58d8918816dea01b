"""Runs ONNX models with onnxruntime, one after the other, for whoever asks.

Reads the paths of folders from the standard input, one a line. A folder holds `model.onnx` and
`test_data_set_0/input_0.pb` and so on, as the standard's node cases do; `output_0.pb` and so on are
written beside the inputs. Answers each with a line: `ok`, or what onnxruntime says against it.

Optimizations are off: what is asked for is what each operator means.
"""

import pathlib
import sys

import numpy
import onnx
import onnx.numpy_helper
import onnxruntime


def value(path):
    tensor = onnx.TensorProto.FromString(path.read_bytes())
    array = onnx.numpy_helper.to_array(tensor)
    if array.dtype.kind == "V" or array.dtype.name in EXTENDED:
        raise TypeError(f"NOT_IMPLEMENTED input of type {array.dtype.name}")
    return numpy.ascontiguousarray(array).reshape(array.shape)


EXTENDED = {
    "bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "int4", "uint4",
    "float4_e2m1fn", "float8_e8m0fnu", "int2", "uint2"}


def answer(folder):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    data = folder / "test_data_set_0"
    session = onnxruntime.InferenceSession(
        folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    inputs = {
        port.name: value(data / f"input_{number}.pb")
        for number, port in enumerate(session.get_inputs())}
    for number, output in enumerate(session.run(None, inputs)):
        tensor = onnx.numpy_helper.from_array(numpy.asarray(output))
        (data / f"output_{number}.pb").write_bytes(tensor.SerializeToString())
    return "ok"


def main():
    for line in sys.stdin:
        try:
            reply = answer(pathlib.Path(line.rstrip("\n")))
        except Exception as error:  # a refusal is an answer
            reply = f"{type(error).__name__}: {error}".replace("\n", " ")
        print(reply, flush=True)


if __name__ == "__main__":
    main()
