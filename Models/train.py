"""Trains the small models of this folder and writes them as ONNX, with their accuracy.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python train.py

Data: scikit-learn's digits, 1,797 images of 8 x 8 pixels; a fixed 360 of them are held out and never
trained on. Accuracy is that of the exported file, computed by ONNX's own reference evaluator.
"""

import argparse
import datetime
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, version_converter
from onnx.reference import ReferenceEvaluator
from sklearn.datasets import load_digits

import autodiff as ad
from layers import (
    Attention, BatchNorm, Conv, Dense, Emitter, Flatten, Gelu, GlobalAveragePool, LayerNorm, MaxPool,
    MeanOverTokens, Relu, Relu6, Residual, Sequential, Tokens)

HERE = pathlib.Path(__file__).parent
HELD_OUT = 360


def mlp(rng):
    """Three dense layers and a softmax."""
    return Sequential(
        Flatten(), Dense(rng, 64, 64, gemm=False), Relu(), Dense(rng, 64, 32), Relu(), Dense(rng, 32, 10))


def cnn(rng):
    """Convolution, batch normalization, ReLU and max pooling, in the style of VGG."""
    return Sequential(
        Conv(rng, 1, 16), BatchNorm(16), Relu(),
        Conv(rng, 16, 32), BatchNorm(32), Relu(), MaxPool(),
        Conv(rng, 32, 32), BatchNorm(32), Relu(), MaxPool(),
        Flatten(), Dense(rng, 128, 10))


def depthwise(rng):
    """Depthwise separable convolutions with a residual block, in the style of MobileNetV2."""
    return Sequential(
        Conv(rng, 1, 16), BatchNorm(16), Relu6(),
        Residual(
            Conv(rng, 16, 32, k=1), BatchNorm(32), Relu6(),
            Conv(rng, 32, 32, groups=32), BatchNorm(32), Relu6(),
            Conv(rng, 32, 16, k=1), BatchNorm(16)),
        Conv(rng, 16, 32, k=1), BatchNorm(32), Relu6(),
        Conv(rng, 32, 32, stride=2, groups=32), BatchNorm(32), Relu6(),
        Conv(rng, 32, 48, k=1), BatchNorm(48), Relu6(),
        GlobalAveragePool(), Flatten(), Dense(rng, 48, 10))


def transformer(rng):
    """Rows as tokens, two pre-norm transformer blocks with four heads."""
    blocks = []
    for _ in range(2):
        blocks += [
            Residual(LayerNorm(32), Attention(rng, 32, 4)),
            Residual(LayerNorm(32), Dense(rng, 32, 64, gemm=False), Gelu(), Dense(rng, 64, 32, gemm=False))]
    return Sequential(Tokens(rng, 32), *blocks, LayerNorm(32), MeanOverTokens(), Dense(rng, 32, 10))


# name: network, opset of the file, whether it ends in a softmax
MODELS = {
    "digits_mlp": (mlp, 11, True),
    "digits_cnn": (cnn, 13, False),
    "digits_dw": (depthwise, 18, False),
    "digits_transformer": (transformer, 17, False),
}


def load(seed):
    """Images [n, 1, 8, 8] in 0...1 and labels, split into a training and a held-out part."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    order = np.random.default_rng(seed).permutation(len(images))
    held_out, train = order[:HELD_OUT], order[HELD_OUT:]
    return (images[train], digits.target[train]), (images[held_out], digits.target[held_out])


def shifted(rng, images):
    """Moves every image by -1, 0 or 1 pixel in both directions, zeros at the border."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    rows, columns = rng.integers(0, 3, (2, len(images)))
    return np.stack([p[:, r : r + 8, c : c + 8] for p, r, c in zip(padded, rows, columns)])


def train(network, data, rng, epochs, batch=48, peak=4e-3):
    """Adam (arXiv:1412.6980) with a cosine schedule."""
    images, labels = data
    parameters = network.parameters()
    first = [np.zeros_like(p.value) for p in parameters]
    second = [np.zeros_like(p.value) for p in parameters]
    steps = epochs * (len(images) // batch)
    step = 0
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        for chosen in np.array_split(order, len(order) // batch):
            step += 1
            logits = network.forward(ad.Var(shifted(rng, images[chosen])), training=True)
            loss = ad.cross_entropy(logits, labels[chosen])
            loss.backward()
            rate = peak * 0.5 * (1 + np.cos(np.pi * min(step / steps, 1)))
            for i, p in enumerate(parameters):
                first[i] = 0.9 * first[i] + 0.1 * p.grad
                second[i] = 0.999 * second[i] + 0.001 * p.grad**2
                update = first[i] / (1 - 0.9**step) / (np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8)
                p.value = p.value - np.float32(rate) * update
                p.grad = None
    return float(loss.value)


def export(network, name, opset, softmax):
    """The trained network as a checked ONNX model with a symbolic batch dimension."""
    emitter = Emitter()
    network.rename("")
    result = network.emit(emitter, "image")
    final = "probabilities" if softmax else "logits"
    if softmax:
        emitter.node("Softmax", [result], final, axis=1)
    else:
        emitter.nodes[-1].output[0] = final
    graph = helper.make_graph(
        emitter.nodes, name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info(final, TensorProto.FLOAT, ["N", 10])], emitter.initializers)
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="martlet-models")
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(MODELS), help="which models (default: all)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=60)
    options = parser.parse_args()

    data, (images, labels) = load(options.seed)
    np.savez(HERE / "digits_eval.npz", image=images, labels=labels.astype(np.int64))
    record_path = HERE / "models.json"
    record = json.loads(record_path.read_text()) if record_path.exists() else {}
    for name in options.names:
        build, opset, softmax = MODELS[name]
        rng = np.random.default_rng(options.seed)
        network = build(rng)
        loss = train(network, data, rng, options.epochs)
        model = export(network, name, opset, softmax)
        path = HERE / f"{name}.onnx"
        onnx.save(model, path)
        # Before opset 14 the reference evaluator normalizes batches by their own statistics, as in training.
        evaluated = version_converter.convert_version(model, 14) if opset < 14 else model
        (scores,) = ReferenceEvaluator(evaluated).run(None, {"image": images})
        correct = int((scores.argmax(axis=1) == labels).sum())
        record[name] = {
            "file": path.name,
            "about": build.__doc__,
            "opset": opset,
            "parameters": sum(p.value.size for p in network.parameters()),
            "bytes": path.stat().st_size,
            "evaluation": "digits_eval.npz",
            "correct": correct,
            "samples": len(labels),
            "accuracy": round(correct / len(labels), 4),
            "seed": options.seed,
            "epochs": options.epochs,
            "date": datetime.date.today().isoformat(),
        }
        print(f"{name}: {correct} of {len(labels)} right, last loss {loss:.4f}, {path.stat().st_size} bytes")
    record_path.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
