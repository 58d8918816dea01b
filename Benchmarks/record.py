"""Records real inputs of models for `agree.py --inputs` and `steps.py --inputs`, as OUTPUT/MODEL/NUMBER.npz.

    Benchmarks/run.sh record.py MODEL.onnx... --shared DIR -o OUTPUT [--samples 6]

DIR holds tools/eval_models.py and data. Of a model that has a metric there, the inputs are the first ones that the metric
feeds to it. A model without one that takes a picture gets photographs, as its publisher prepares them (PREPARED).
"""

import argparse
import pathlib

import numpy as np
from PIL import Image

from accuracy import Tools
from inputs import model_inputs


def channels(image):
    """A photograph as blue, green, red by height and width, 0 to 255."""
    return np.asarray(image, np.float32)[:, :, ::-1].transpose(2, 0, 1)


def normalised(image):
    mean, deviation = (np.array(v, np.float32).reshape(3, 1, 1) for v in ([.485, .456, .406], [.229, .224, .225]))
    return (channels(image) / 255 - mean) / deviation


# The publisher's preparation and, where the model leaves it open, a size.
PREPARED = {"ppocrv3_det_ch": (normalised, (320, 320)), "yunet_n_320": (channels, None)}


def fed(tools, model, count):
    """The first inputs that the model's metric feeds to it."""
    names = [port.name for port in model_inputs(model, {})]
    return [dict(zip(names, arrays)) for arrays in tools.fed(model, count, False)]


def photographs(tools, model, count):
    prepare, size = PREPARED[model.stem]
    port, = model_inputs(model, {})
    size = size or tuple(port.dimensions[:1:-1])
    for path in sorted(pathlib.Path(tools.data, "coco", "images").iterdir())[:count]:
        picture = Image.open(path).convert("RGB").resize(size, Image.BILINEAR)
        yield {port.name: np.ascontiguousarray(prepare(picture)[None], np.float32)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--shared", required=True, metavar="DIR")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    parser.add_argument("--samples", type=int, default=6)
    options = parser.parse_args()
    tools = Tools(options.shared)
    for model in options.models:
        find = photographs if model.stem in PREPARED else fed
        folder = options.output / model.stem
        folder.mkdir(parents=True, exist_ok=True)
        for number, arrays in enumerate(find(tools, model, options.samples)):
            np.savez(folder / f"{number:03}.npz", **arrays)


if __name__ == "__main__":
    main()
