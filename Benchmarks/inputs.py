"""What a model takes: its inputs with shapes, and random data for them."""

import dataclasses

import numpy as np
import onnx
from onnx import helper


@dataclasses.dataclass
class Port:
    """One input: numbers and, where the model leaves a dimension open, a symbol or '?'."""

    name: str
    dtype: np.dtype
    dimensions: list
    symbols: list

    @property
    def is_static(self):
        return not any(self.symbols)


def parse_shape(text):
    """NAME=1,3,224,224 as (NAME, [1, 3, 224, 224])."""
    name, _, dimensions = text.rpartition("=")
    return name, [int(d) for d in dimensions.split(",") if d]


def model_inputs(path, shapes):
    """The inputs of a model file; open dimensions become those of `shapes` by name, else 1."""
    graph = onnx.load(path, load_external_data=False).graph
    weights = {tensor.name for tensor in graph.initializer}
    ports = []
    for value in graph.input:
        if value.name in weights:
            continue
        tensor = value.type.tensor_type
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        dimensions, symbols = [], []
        for d in tensor.shape.dim:
            known = d.HasField("dim_value") and d.dim_value > 0
            dimensions.append(d.dim_value if known else 1)
            symbols.append(None if known else d.dim_param or "?")
        if value.name in shapes:
            dimensions = shapes[value.name]
        ports.append(Port(value.name, np.dtype(dtype), dimensions, symbols))
    return ports


def random_inputs(ports, seed, below=1000):
    """Uniform [0, 1) for floats, 0 ..< `below` for integers (all values for bytes), fair booleans."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for port in ports:
        if port.dtype.kind == "f":
            array = rng.random(port.dimensions, np.float32).astype(port.dtype)
        elif port.dtype.kind == "b":
            array = rng.integers(0, 2, port.dimensions).astype(port.dtype)
        elif port.dtype.kind in "iu":
            limits = np.iinfo(port.dtype)
            low, high = (limits.min, limits.max + 1) if limits.bits == 8 else (0, below)
            array = rng.integers(low, high, port.dimensions, np.int64).astype(port.dtype)
        else:
            raise ValueError(f"input '{port.name}': no random data of type {port.dtype}")
        arrays[port.name] = np.ascontiguousarray(array)
    return arrays


def difference(actual, expected, relative=1e-3, of_largest=1e-4):
    """Compares outputs by name.

    Returns the reason of the first disagreement (None when all agree) and the largest absolute
    error as a fraction of the largest expected value.
    """
    worst, reason = 0.0, None
    for name, want in expected.items():
        got = actual[name]
        if got.shape != want.shape or got.dtype != want.dtype:
            return f"{name}: found {got.dtype}{list(got.shape)}, " \
                f"expected {want.dtype}{list(want.shape)}", float("inf")
        if want.size == 0:
            continue
        a, b = got.astype(np.float64), want.astype(np.float64)
        finite = np.abs(b[np.isfinite(b)])
        largest = float(finite.max()) if finite.size else 0.0
        with np.errstate(invalid="ignore"):
            error = np.asarray(np.abs(a - b))
        error[(a == b) | (np.isnan(a) & np.isnan(b))] = 0
        worst = max(worst, float(np.nan_to_num(error, nan=np.inf).max()) / (largest or 1))
        wrong = ~(error <= relative * np.abs(b) + of_largest * largest)
        if reason is None and wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            reason = f"{name}{list(at)}: found {got[at]:.6g}, expected {want[at]:.6g}; " \
                f"{int(wrong.sum())} of {want.size} differ"
    return reason, worst
