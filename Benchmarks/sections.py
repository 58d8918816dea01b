"""Splits a model where it chooses among its values, so that each part can be compared by itself.

A detector sorts boxes by scores and keeps those above a threshold. Where scores are equal but for rounding, two engines
that are both right choose different boxes, and nothing behind the choice is comparable any more. Cut before every choice, a
model falls into sections: each is run on the values that onnxruntime has at its inputs, and must give onnxruntime's
values at its outputs. Equal inputs leave no room for another choice.

Section 0 has the nodes that no choice comes before; a node is one section behind the last of what it reads when it chooses,
and in the same section otherwise.
"""

import dataclasses

import onnx
from onnx import TensorProto, helper, numpy_helper

CHOOSING = {
    "ArgMax", "ArgMin", "Ceil", "Floor", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
    "NonMaxSuppression", "Round", "TopK"}
FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}


@dataclasses.dataclass
class Section:
    nodes: list
    inputs: list
    outputs: list


def graphs(node):
    """The graphs among a node's attributes."""
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs


def reads(node):
    """Names that a node reads: its inputs, and what its graphs capture."""
    names = [name for name in node.input if name]
    for graph in graphs(node):
        inner = {value.name for value in graph.input} | {t.name for t in graph.initializer}
        for child in graph.node:
            names += [name for name in reads(child) if name not in inner]
            inner |= set(child.output)
        names += [value.name for value in graph.output if value.name not in inner]
    return names


def chooses(node, elements):
    """Whether rounding may change a node's result by more than rounding; integers are not rounded."""
    if any(chooses(child, elements) for graph in graphs(node) for child in graph.node):
        return True
    if node.op_type not in CHOOSING:
        return False
    return elements.get(node.input[0], TensorProto.FLOAT) in FLOATS


def element_types(model):
    inferred = onnx.shape_inference.infer_shapes(model).graph
    found = {tensor.name: tensor.data_type for tensor in inferred.initializer}
    for value in [*inferred.input, *inferred.value_info, *inferred.output]:
        found[value.name] = value.type.tensor_type.elem_type
    return found


def split(model):
    """The sections of a model, in order; their inputs are values of the model, not constants."""
    elements = element_types(model)
    constants = {tensor.name for tensor in model.graph.initializer}
    levels = {value.name: 0 for value in model.graph.input}
    found = {}
    for node in model.graph.node:
        if node.op_type == "Constant":
            constants |= set(node.output)
            continue
        level = max([levels.get(name, 0) for name in reads(node)], default=0)
        level += chooses(node, elements)
        levels |= {name: level for name in node.output}
        found.setdefault(level, []).append(node)
    final = [value.name for value in model.graph.output]
    sections = []
    for level, nodes in sorted(found.items()):
        made = {name for node in nodes for name in node.output if name}
        later = {n for node in model.graph.node
                 if node.op_type != "Constant" and levels[node.output[0]] > level for n in reads(node)}
        outputs = [n for node in nodes for n in node.output if n in later or n in final]
        inputs = list(dict.fromkeys(
            n for node in nodes for n in reads(node) if n not in made and n not in constants))
        if outputs:
            sections.append(Section(nodes, inputs, outputs))
    return sections


def is_size(array):
    """Whether a value is so small that it may be sizes, or scales of them: in the whole model these follow from shapes."""
    return array.dtype.kind in "if" and array.size <= 8


def section_model(model, section, values, known=None):
    """A model of one section, for inputs of the shapes that `values` have; sizes are constants in it.

    With `known`, what is known of sizes by name, dimensions of inputs that it leaves out are open.
    """
    def dimensions(name):
        shape = list(values[name].shape)
        if known is None:
            return shape
        found = known.get(name, [])
        return found if len(found) == len(shape) else [None] * len(shape)

    needed = {name for node in section.nodes for name in reads(node)}
    constants = [n for n in model.graph.node if n.op_type == "Constant" and n.output[0] in needed]
    given = [n for n in section.inputs if not is_size(values[n])]
    sizes = [numpy_helper.from_array(values[n], n) for n in section.inputs if is_size(values[n])]
    ports = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(values[n].dtype), shape)
        for names, is_input in ((given, True), (section.outputs, False))
        for n in names
        for shape in [dimensions(n) if is_input else [None] * values[n].ndim]]
    count = len(given)
    graph = helper.make_graph(
        constants + section.nodes, "section", ports[:count], ports[count:],
        sizes + [t for t in model.graph.initializer if t.name in needed])
    return helper.make_model(
        graph, opset_imports=model.opset_import, ir_version=model.ir_version,
        functions=model.functions)


def with_outputs(model, names):
    """The model with more outputs."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    known = {value.name for value in copy.graph.output}
    copy.graph.output.extend(
        onnx.ValueInfoProto(name=n) for n in names if n not in known)
    return copy
