"""A model's values in f64: every node by itself, as the standard defines it, with nothing fused and nothing rounded to f32.

Integers stay integers. QuantizeLinear is `round half to even (x / scale) + zero point` of the f64 quotient, which is kept
beside the result.
"""

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def convolution(x, w, b, attributes):
    """Conv in f64 over two dimensions."""
    groups = attributes.get("group", 1)
    strides, dilations = attributes.get("strides", [1, 1]), attributes.get("dilations", [1, 1])
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    x = np.pad(x, [(0, 0), (0, 0), (top, bottom), (left, right)])
    extents = [(k - 1) * d + 1 for k, d in zip(w.shape[2:], dilations)]
    windows = np.lib.stride_tricks.sliding_window_view(x, extents, axis=(2, 3))
    windows = windows[:, :, ::strides[0], ::strides[1], ::dilations[0], ::dilations[1]]
    batch, channels, height, width = windows.shape[:4]
    windows = windows.reshape(batch, groups, channels // groups, height, width, *w.shape[2:])
    filters = w.reshape(groups, -1, *w.shape[1:])
    result = np.einsum("ngchwij,gocij->ngohw", windows, filters, optimize=True)
    result = result.reshape(batch, -1, height, width)
    return result if b is None else result + b.reshape(1, -1, 1, 1)


def widened(array):
    """f64 for f32; what a node gives that has its type in itself is f32."""
    return array.astype(np.float64) if array.dtype == np.float32 else array


class Literal:
    """Every node of a model in f64, in the model's order."""

    def __init__(self, model):
        self.model = model
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.single = {}
        self.points = points(model)

    def run(self, inputs, found):
        """The model's values, and of each point the exact quotients; `found` has values that replace the literal ones."""
        values, quotients = {"": None}, {}
        for name, array in (self.constants | inputs).items():
            values[name] = widened(array)
        for node in self.model.graph.node:
            read = [values[name] for name in node.input]
            if node.op_type == "QuantizeLinear":
                quotients[node.output[0]], result = self.quantized(node, *read)
                values[node.output[0]] = found.get(node.output[0], result)
            elif node.op_type == "DequantizeLinear":
                scale, zero = (self.shaped(node, each, read[0]) for each in (read[1:] + [None])[:2])
                zero = 0 if zero is None else zero.astype(np.float64)
                values[node.output[0]] = (read[0].astype(np.float64) - zero) * scale
            elif node.op_type == "Conv" and read[0].ndim == 4 and b"NOTSET" == self.padding(node):
                attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
                values[node.output[0]] = convolution(*(read + [None])[:3], attributes)
            elif node.op_type == "BatchNormalization":
                # The standard's reference takes a model of opset 9 to be in training.
                values[node.output[0]] = self.normalized(node, *read)
            else:
                results = self.alone(node).run(
                    None, {name: value for name, value in zip(node.input, read) if name})
                values |= zip(node.output, map(widened, results))
        return values, quotients

    def padding(self, node):
        return next((a.s for a in node.attribute if a.name == "auto_pad"), b"NOTSET")

    def shaped(self, node, parameter, x):
        """A scale or zero point, along the node's axis when there are several."""
        if parameter is None or parameter.size == 1:
            return parameter if parameter is None else parameter.reshape(())
        axis = next((a.i for a in node.attribute if a.name == "axis"), 1)
        return parameter.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])

    def quantized(self, node, x, scale, zero=np.zeros((), np.uint8)):
        limits = np.iinfo(zero.dtype)
        quotient = x / self.shaped(node, scale, x)
        rounded = np.rint(quotient) + self.shaped(node, zero, x)
        return quotient, np.clip(rounded, limits.min, limits.max).astype(zero.dtype)

    def normalized(self, node, x, scale, bias, mean, variance):
        epsilon = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
        factor = scale / np.sqrt(variance + epsilon)
        along = [-1] + [1] * (x.ndim - 2)
        return x * factor.reshape(along) + (bias - mean * factor).reshape(along)

    def alone(self, node):
        """The standard's reference for one node."""
        if node.output[0] not in self.single:
            ports = [[helper.make_tensor_value_info(n, TensorProto.DOUBLE, None) for n in dict.fromkeys(names) if n]
                     for names in (node.input, node.output)]
            graph = helper.make_graph([node], "alone", *ports)
            self.single[node.output[0]] = ReferenceEvaluator(
                helper.make_model(graph, opset_imports=self.model.opset_import))
        return self.single[node.output[0]]


def points(model):
    """QuantizeLinear nodes of what is computed from the model's inputs, with the operator whose result each rounds."""
    made = {name: node.op_type for node in model.graph.node for name in node.output}
    computed = {value.name for value in model.graph.input} - {t.name for t in model.graph.initializer}
    found = {}
    for node in model.graph.node:
        if computed & set(node.input):
            computed |= set(node.output)
            if node.op_type == "QuantizeLinear":
                found[node.output[0]] = made.get(node.input[0], "input")
    return found
