"""Copies of models whose inputs take other sizes than the file says, or that choose by another threshold."""

import pathlib

import numpy as np
import onnx
from onnx import numpy_helper

from inputs import parse_shape


def add_options(parser):
    """What the scripts that run copies have in common."""
    parser.add_argument("--size", action="append", default=[], metavar="NAME=2,3,224,224",
                        help="a size that is run and not bound when compiling; of several for one input "
                        "all are run in one session")
    parser.add_argument("--open", action="store_true",
                        help="run a copy of the model that takes every --size")
    parser.add_argument("--constant", action="append", default=[], metavar="NAME=0.5",
                        help="run a copy of the model in which a constant of one element has this value")


def wanted_sizes(options):
    """The sizes of every --size, lists of numbers by the input's name."""
    sizes = {}
    for name, dimensions in map(parse_shape, options.size):
        sizes.setdefault(name, []).append(dimensions)
    return sizes


def is_copied(options):
    return bool(options.open or options.constant)


def copied(options, path, folder):
    """The path of the model that the options ask for: of a copy, or of the file itself."""
    if not is_copied(options):
        return path
    model = onnx.load(path)
    for text in options.constant:
        name, _, number = text.rpartition("=")
        replace_constant(model.graph, name, float(number))
    if options.open:
        open_sizes(model, wanted_sizes(options))
    copy = pathlib.Path(folder) / f"{path.stem}.onnx"
    onnx.save(model, copy)
    return copy


def replace_constant(graph, name, number):
    """Gives a constant of one element another value."""
    tensors = [t for t in graph.initializer if t.name == name]
    tensors += [n.attribute[0].t for n in graph.node if n.op_type == "Constant" and name in n.output]
    if len(tensors) != 1 or np.prod(tensors[0].dims) != 1:
        raise ValueError(f"'{name}' is not a constant of one element")
    old = numpy_helper.to_array(tensors[0])
    tensors[0].CopyFrom(numpy_helper.from_array(np.full_like(old, number), tensors[0].name))


def open_sizes(model, shapes):
    """Opens dimensions of a model's inputs.

    `shapes` has the lists of numbers that every input is to take, by name. A dimension in which one of them differs
    from the file becomes a symbol of its own. What the file says of the sizes of other values followed from the
    inputs, and is left out. Constants stay: a model that computes with a number where a size was meant refuses others.
    """
    for value in model.graph.input:
        for wanted in shapes.get(value.name, []):
            dimensions = value.type.tensor_type.shape.dim
            if len(wanted) != len(dimensions):
                raise ValueError(
                    f"input '{value.name}': a size of {len(wanted)} dimensions, expected {len(dimensions)}")
            for axis, (dimension, size) in enumerate(zip(dimensions, wanted)):
                if dimension.HasField("dim_value") and dimension.dim_value != size:
                    dimension.dim_param = f"{value.name}_{axis}"
    del model.graph.value_info[:]
    for value in model.graph.output:
        for dimension in value.type.tensor_type.shape.dim:
            dimension.Clear()


def inferred_dimensions(model):
    """What is known of the sizes of a model's values: a list by name, of numbers and None."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    found = {}
    for value in [*graph.input, *graph.value_info, *graph.output]:
        tensor = value.type.tensor_type
        if tensor.HasField("shape"):
            found[value.name] = [
                d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]
    return found
