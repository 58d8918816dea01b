"""Layers that train on numpy (`forward`) and write themselves as ONNX nodes (`emit`)."""

import numpy as np
from onnx import helper, numpy_helper

import autodiff as ad


class Emitter:
    """Collects the nodes and weights of one ONNX graph."""

    def __init__(self):
        self.nodes = []
        self.initializers = []

    def node(self, op, inputs, name, **attributes):
        """Appends a node with one output, named after the node; returns the output's name."""
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def weight(self, name, value, dtype=np.float32):
        self.initializers.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name


class Layer:
    """One step of a network; `name` prefixes its nodes and weights."""

    name = ""

    def parameters(self):
        return [v for v in vars(self).values() if isinstance(v, ad.Var)]

    def rename(self, name):
        self.name = name


def _initial(rng, shape, fan_in):
    """He's initialisation (arXiv:1502.01852)."""
    return ad.Var(rng.standard_normal(shape) * np.sqrt(2 / fan_in))


class Conv(Layer):
    def __init__(self, rng, c, m, k=3, stride=1, groups=1):
        self.w = _initial(rng, (m, c // groups, k, k), c // groups * k * k)
        self.stride, self.pad, self.groups, self.k = stride, k // 2, groups, k

    def forward(self, x, training):
        return ad.conv2d(x, self.w, self.stride, self.pad, self.groups)

    def emit(self, e, x):
        w = e.weight(self.name + ".weight", self.w.value)
        return e.node(
            "Conv", [x, w], self.name, kernel_shape=[self.k] * 2, strides=[self.stride] * 2,
            pads=[self.pad] * 4, group=self.groups)


class BatchNorm(Layer):
    epsilon = 1e-5
    momentum = 0.9

    def __init__(self, c):
        self.gamma = ad.Var(np.ones((1, c, 1, 1)))
        self.beta = ad.Var(np.zeros((1, c, 1, 1)))
        self.mean = np.zeros((1, c, 1, 1), np.float32)
        self.variance = np.ones((1, c, 1, 1), np.float32)

    def forward(self, x, training):
        if training:
            y, m, v = ad.normalize(x, (0, 2, 3), self.epsilon)
            self.mean = self.momentum * self.mean + (1 - self.momentum) * m
            self.variance = self.momentum * self.variance + (1 - self.momentum) * v
        else:
            k = 1 / np.sqrt(self.variance + self.epsilon)
            y = ad.mul(ad.add(x, ad.Var(-self.mean)), ad.Var(k))
        return ad.add(ad.mul(y, self.gamma), self.beta)

    def emit(self, e, x):
        weights = [
            e.weight(f"{self.name}.{key}", value.reshape(-1))
            for key, value in [
                ("gamma", self.gamma.value), ("beta", self.beta.value),
                ("mean", self.mean), ("variance", self.variance)]]
        return e.node("BatchNormalization", [x] + weights, self.name, epsilon=self.epsilon)


class Relu(Layer):
    def forward(self, x, training):
        return ad.relu(x)

    def emit(self, e, x):
        return e.node("Relu", [x], self.name)


class Relu6(Layer):
    def forward(self, x, training):
        return ad.clip(x, 0, 6)

    def emit(self, e, x):
        low = e.weight(self.name + ".min", 0)
        high = e.weight(self.name + ".max", 6)
        return e.node("Clip", [x, low, high], self.name)


class MaxPool(Layer):
    def forward(self, x, training):
        return ad.max_pool2(x)

    def emit(self, e, x):
        return e.node("MaxPool", [x], self.name, kernel_shape=[2, 2], strides=[2, 2])


class GlobalAveragePool(Layer):
    def forward(self, x, training):
        return ad.mean(x, (2, 3))

    def emit(self, e, x):
        return e.node("GlobalAveragePool", [x], self.name)


class Flatten(Layer):
    def forward(self, x, training):
        return ad.reshape(x, (len(x.value), -1))

    def emit(self, e, x):
        return e.node("Flatten", [x], self.name)


class Dense(Layer):
    """x w + b; a Gemm on matrices, MatMul and Add on everything else."""

    def __init__(self, rng, c, m, gemm=True):
        self.w = _initial(rng, (c, m), c)
        self.b = ad.Var(np.zeros(m))
        self.gemm = gemm

    def forward(self, x, training):
        return ad.add(ad.matmul(x, self.w), self.b)

    def emit(self, e, x):
        b = e.weight(self.name + ".bias", self.b.value)
        if self.gemm:
            w = e.weight(self.name + ".weight", self.w.value.T)
            return e.node("Gemm", [x, w, b], self.name, transB=1)
        w = e.weight(self.name + ".weight", self.w.value)
        product = e.node("MatMul", [x, w], self.name + ".product")
        return e.node("Add", [product, b], self.name)


class LayerNorm(Layer):
    epsilon = 1e-5

    def __init__(self, c):
        self.gamma = ad.Var(np.ones(c))
        self.beta = ad.Var(np.zeros(c))

    def forward(self, x, training):
        y, _, _ = ad.normalize(x, (-1,), self.epsilon)
        return ad.add(ad.mul(y, self.gamma), self.beta)

    def emit(self, e, x):
        gamma = e.weight(self.name + ".gamma", self.gamma.value)
        beta = e.weight(self.name + ".beta", self.beta.value)
        return e.node(
            "LayerNormalization", [x, gamma, beta], self.name, axis=-1, epsilon=self.epsilon)


class Gelu(Layer):
    """As exporters of opset 17 write it: Div, Erf, Add, Mul, Mul."""

    def forward(self, x, training):
        return ad.gelu(x)

    def emit(self, e, x):
        n = self.name
        scaled = e.node("Div", [x, e.weight(n + ".sqrt2", np.sqrt(2))], n + ".scaled")
        erf = e.node("Erf", [scaled], n + ".erf")
        shifted = e.node("Add", [erf, e.weight(n + ".one", 1)], n + ".shifted")
        product = e.node("Mul", [x, shifted], n + ".product")
        return e.node("Mul", [product, e.weight(n + ".half", 0.5)], n)


class Tokens(Layer):
    """Images [N, 1, 8, 8] as sequences of rows [N, 8, 8], with a learned position added."""

    def __init__(self, rng, c):
        self.embed = Dense(rng, 8, c, gemm=False)
        self.position = ad.Var(rng.standard_normal((8, c)) * 0.1)

    def parameters(self):
        return self.embed.parameters() + [self.position]

    def forward(self, x, training):
        rows = ad.reshape(x, (-1, 8, 8))
        return ad.add(self.embed.forward(rows, training), self.position)

    def emit(self, e, x):
        rows = e.node(
            "Reshape", [x, e.weight(self.name + ".shape", [-1, 8, 8], np.int64)],
            self.name + ".rows")
        self.embed.rename(self.name + ".embed")
        position = e.weight(self.name + ".position", self.position.value)
        return e.node("Add", [self.embed.emit(e, rows), position], self.name)


class Attention(Layer):
    """Multi-head self-attention on [N, T, C]."""

    def __init__(self, rng, c, heads):
        self.c, self.heads = c, heads
        self.projections = {n: Dense(rng, c, c, gemm=False) for n in "qkvo"}

    def parameters(self):
        return [p for d in self.projections.values() for p in d.parameters()]

    def forward(self, x, training):
        t = x.value.shape[1]
        split = {}
        for n in "qkv":
            y = self.projections[n].forward(x, training)
            y = ad.reshape(y, (-1, t, self.heads, self.c // self.heads))
            split[n] = ad.transpose(y, (0, 2, 3, 1) if n == "k" else (0, 2, 1, 3))
        scores = ad.scale(ad.matmul(split["q"], split["k"]), self._scale())
        mixed = ad.transpose(ad.matmul(ad.softmax(scores), split["v"]), (0, 2, 1, 3))
        return self.projections["o"].forward(ad.reshape(mixed, (-1, t, self.c)), training)

    def _scale(self):
        return 1 / np.sqrt(self.c // self.heads)

    def emit(self, e, x):
        n = self.name
        shape = e.weight(n + ".heads", [0, 0, self.heads, self.c // self.heads], np.int64)
        merged = e.weight(n + ".merged", [0, 0, self.c], np.int64)
        split = {}
        for p in "qkv":
            self.projections[p].rename(f"{n}.{p}")
            y = e.node("Reshape", [self.projections[p].emit(e, x), shape], f"{n}.{p}.split")
            perm = [0, 2, 3, 1] if p == "k" else [0, 2, 1, 3]
            split[p] = e.node("Transpose", [y], f"{n}.{p}.heads", perm=perm)
        scores = e.node("MatMul", [split["q"], split["k"]], n + ".scores")
        scores = e.node("Mul", [scores, e.weight(n + ".scale", self._scale())], n + ".scaled")
        weights = e.node("Softmax", [scores], n + ".softmax", axis=-1)
        mixed = e.node("MatMul", [weights, split["v"]], n + ".mixed")
        mixed = e.node("Transpose", [mixed], n + ".together", perm=[0, 2, 1, 3])
        mixed = e.node("Reshape", [mixed, merged], n + ".joined")
        self.projections["o"].rename(n + ".o")
        return self.projections["o"].emit(e, mixed)


class MeanOverTokens(Layer):
    """[N, T, C] -> [N, C]."""

    def forward(self, x, training):
        return ad.reshape(ad.mean(x, (1,)), (len(x.value), -1))

    def emit(self, e, x):
        return e.node("ReduceMean", [x], self.name, axes=[1], keepdims=0)


class Sequential(Layer):
    def __init__(self, *layers):
        self.layers = layers

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def rename(self, name):
        self.name = name
        counts = {}
        for layer in self.layers:
            kind = type(layer).__name__.lower()
            counts[kind] = counts.get(kind, 0) + 1
            layer.rename(f"{name}{'.' if name else ''}{kind}{counts[kind]}")

    def forward(self, x, training):
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def emit(self, e, x):
        for layer in self.layers:
            x = layer.emit(e, x)
        return x


class Residual(Sequential):
    """x + layers(x)."""

    def forward(self, x, training):
        return ad.add(x, super().forward(x, training))

    def emit(self, e, x):
        return e.node("Add", [x, super().emit(e, x)], self.name)
