"""Reverse-mode differentiation on numpy arrays: just what the networks of this folder need.

A `Var` holds a value and, after `backward`, the gradient of a scalar with respect to it. Every
function returns a `Var` whose `pull` adds to the gradients of its arguments.
"""

import numpy as np
from scipy.special import erf as _erf


class Var:
    """A node of the computation: a value, its arguments, and how a gradient flows to them."""

    def __init__(self, value, arguments=(), pull=None):
        self.value = np.asarray(value, dtype=np.float32)
        self.arguments = arguments
        self.pull = pull
        self.grad = None

    def add_grad(self, grad):
        grad = _sum_to(grad, self.value.shape)
        self.grad = grad if self.grad is None else self.grad + grad

    def backward(self):
        """Fills `grad` of everything this scalar depends on."""
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for argument in node.arguments:
                    visit(argument)
                order.append(node)

        visit(self)
        self.grad = np.ones_like(self.value)
        for node in reversed(order):
            if node.pull is not None:
                node.pull(node.grad)


def _sum_to(grad, shape):
    """Undoes broadcasting: sums `grad` over the axes along which `shape` was repeated."""
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    axes = tuple(i for i, d in enumerate(shape) if d == 1 and grad.shape[i] != 1)
    return grad.sum(axis=axes, keepdims=True) if axes else grad


def add(a, b):
    def pull(g):
        a.add_grad(g)
        b.add_grad(g)

    return Var(a.value + b.value, (a, b), pull)


def mul(a, b):
    def pull(g):
        a.add_grad(g * b.value)
        b.add_grad(g * a.value)

    return Var(a.value * b.value, (a, b), pull)


def scale(a, factor):
    return Var(a.value * factor, (a,), lambda g: a.add_grad(g * factor))


def matmul(a, b):
    def pull(g):
        a.add_grad(g @ np.swapaxes(b.value, -1, -2))
        b.add_grad(np.swapaxes(a.value, -1, -2) @ g)

    return Var(a.value @ b.value, (a, b), pull)


def reshape(a, shape):
    return Var(a.value.reshape(shape), (a,), lambda g: a.add_grad(g.reshape(a.value.shape)))


def transpose(a, axes):
    return Var(a.value.transpose(axes), (a,), lambda g: a.add_grad(g.transpose(np.argsort(axes))))


def mean(a, axes):
    count = np.prod([a.value.shape[axis] for axis in axes])

    def pull(g):
        a.add_grad(np.broadcast_to(g / count, a.value.shape))

    return Var(a.value.mean(axis=axes, keepdims=True), (a,), pull)


def clip(a, low, high):
    inside = (a.value > low) & (a.value < high)
    return Var(np.clip(a.value, low, high), (a,), lambda g: a.add_grad(g * inside))


def relu(a):
    return clip(a, 0, np.inf)


def gelu(a):
    """0.5 x (1 + erf(x / sqrt 2))."""
    x = a.value
    cdf = 0.5 * (1 + _erf(x / np.sqrt(2)))
    density = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
    return Var(x * cdf, (a,), lambda g: a.add_grad(g * (cdf + x * density)))


def softmax(a):
    """Along the last axis."""
    e = np.exp(a.value - a.value.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    return Var(p, (a,), lambda g: a.add_grad(p * (g - (g * p).sum(axis=-1, keepdims=True))))


def normalize(a, axes, epsilon):
    """(x - mean) / sqrt(variance + epsilon) over `axes`; also returns mean and variance."""
    m = a.value.mean(axis=axes, keepdims=True)
    v = a.value.var(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt(v + epsilon)
    y = (a.value - m) * inverse

    def pull(g):
        centred = g - g.mean(axis=axes, keepdims=True)
        a.add_grad(inverse * (centred - y * (g * y).mean(axis=axes, keepdims=True)))

    return Var(y, (a,), pull), m, v


def _windows(x, k, stride):
    """Views [N, C, H', W', k, k] of the k x k windows of x [N, C, H, W]."""
    view = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
    return view[:, :, ::stride, ::stride]


def conv2d(x, w, stride=1, pad=0, groups=1):
    """x [N, C, H, W], w [M, C/groups, k, k] -> [N, M, H', W']."""
    n, c, h, width = x.value.shape
    m, per_group, k, _ = w.value.shape
    padded = np.pad(x.value, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = _windows(padded, k, stride)
    oh, ow = windows.shape[2:4]
    # [g, C/g * k * k, N * H' * W']
    columns = windows.reshape(n, groups, per_group, oh, ow, k, k)
    columns = columns.transpose(1, 2, 5, 6, 0, 3, 4).reshape(groups, per_group * k * k, -1)
    weights = w.value.reshape(groups, m // groups, per_group * k * k)
    y = (weights @ columns).reshape(m, n, oh, ow).transpose(1, 0, 2, 3)

    def pull(g):
        rows = g.transpose(1, 0, 2, 3).reshape(groups, m // groups, -1)
        w.add_grad((rows @ columns.transpose(0, 2, 1)).reshape(w.value.shape))
        back = (weights.transpose(0, 2, 1) @ rows).reshape(c, k, k, n, oh, ow)
        grad = np.zeros_like(padded)
        for i in range(k):
            for j in range(k):
                target = grad[:, :, i : i + oh * stride : stride, j : j + ow * stride : stride]
                target += back[:, i, j].transpose(1, 0, 2, 3)
        x.add_grad(grad[:, :, pad : pad + h, pad : pad + width])

    return Var(y, (x, w), pull)


def max_pool2(x):
    """2 x 2 windows, stride 2."""
    n, c, h, w = x.value.shape
    blocks = x.value.reshape(n, c, h // 2, 2, w // 2, 2)
    y = blocks.max(axis=(3, 5), keepdims=True)
    winners = blocks == y
    winners = winners / winners.sum(axis=(3, 5), keepdims=True)

    def pull(g):
        x.add_grad((winners * g.reshape(y.shape)).reshape(x.value.shape))

    return Var(y.reshape(n, c, h // 2, w // 2), (x,), pull)


def cross_entropy(logits, labels):
    """Mean negative log likelihood of integer labels, softmax along the last axis."""
    z = logits.value - logits.value.max(axis=-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
    rows = np.arange(len(labels))

    def pull(g):
        grad = np.exp(log_p)
        grad[rows, labels] -= 1
        logits.add_grad(g * grad / len(labels))

    return Var(-log_p[rows, labels].mean(), (logits,), pull)
