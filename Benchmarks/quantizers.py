"""Post-training quantization by other tools, for `accuracy.py compare`: each takes a float model and calibration samples
and writes an ONNX model of QuantizeLinear and DequantizeLinear.

Settings are those that a careful user would begin with: onnxruntime's own preprocessing, weights per channel, activations
as unsigned bytes and weights as signed ones; NNCF with its defaults.
"""

import pathlib
import tempfile

import numpy as np

# The least opset that per-channel QuantizeLinear has.
LEAST_OPSET = 13


class Samples:
    """Rows of an archive as onnxruntime's calibration wants them; a part at a time, so that histograms need not hold the
    values of all."""

    def __init__(self, archive):
        arrays = np.load(archive)
        self.rows = [dict(zip(arrays.files, (part[None] for part in parts)))
                     for parts in zip(*(arrays[name] for name in arrays.files))]
        self.set_range(0, len(self.rows))

    def __len__(self):
        return len(self.rows)

    def set_range(self, start_index, end_index):
        self.left = iter(self.rows[start_index:end_index])

    def get_next(self):
        return next(self.left, None)

    @property
    def stride(self):
        """The largest part of at most 32 that divides all."""
        return max(part for part in range(1, 33) if len(self.rows) % part == 0)


def prepared(model, folder, notes):
    """The model in an opset that can be quantized per channel."""
    import onnx
    from onnx import version_converter

    loaded = onnx.load(str(model))
    version = next(entry.version for entry in loaded.opset_import if entry.domain in ("", "ai.onnx"))
    if version >= LEAST_OPSET:
        return model
    converted = version_converter.convert_version(loaded, LEAST_OPSET)
    # Initializers that are inputs too keep the tools from folding.
    weights = {tensor.name for tensor in converted.graph.initializer}
    inputs = [value for value in converted.graph.input if value.name not in weights]
    del converted.graph.input[:]
    converted.graph.input.extend(inputs)
    path = pathlib.Path(folder, "converted.onnx")
    onnx.save(converted, str(path))
    notes.append(f"opset {version} converted to {LEAST_OPSET}")
    return path


def onnxruntime_static(method):
    """onnxruntime's static quantization with ranges by a method of its calibration."""

    def quantize(model, archive, output, notes):
        from onnxruntime import quantization
        from onnxruntime.quantization.shape_inference import quant_pre_process

        samples = Samples(archive)
        with tempfile.TemporaryDirectory() as folder:
            source = prepared(model, folder, notes)
            processed = pathlib.Path(folder, "processed.onnx")
            try:
                quant_pre_process(str(source), str(processed))
            except Exception as error:
                notes.append(f"without symbolic shapes: {str(error)[:200]}")
                quant_pre_process(str(source), str(processed), skip_symbolic_shape=True)
            quantization.quantize_static(
                str(processed), str(output), samples, per_channel=True,
                quant_format=quantization.QuantFormat.QDQ,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                calibrate_method=getattr(quantization.CalibrationMethod, method),
                extra_options={"CalibStridedMinMax": samples.stride})

    return quantize


def nncf(model, archive, output, notes):
    """NNCF's post-training quantization."""
    import nncf as library
    import onnx

    samples = Samples(archive)
    with tempfile.TemporaryDirectory() as folder:
        loaded = onnx.load(str(prepared(model, folder, notes)))
    quantized = library.quantize(
        loaded, library.Dataset(samples.rows), subset_size=len(samples.rows))
    onnx.save(quantized, str(output))


TOOLS = {
    "onnxruntime minmax": onnxruntime_static("MinMax"),
    "onnxruntime entropy": onnxruntime_static("Entropy"),
    "onnxruntime percentile": onnxruntime_static("Percentile"),
    "nncf": nncf,
}


def versions():
    """The tools' versions."""
    import importlib.metadata

    found = {}
    for name in ("onnx", "onnxruntime", "openvino", "nncf"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found
