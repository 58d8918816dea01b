import IR
import Tensors

extension OpenSizeCase {
  /// Layers whose parameters are inputs, and models that declare what is not so.
  static let layers: [OpenSizeCase] = [
    OpenSizeCase(
      "LayerNormalization",
      fits: [([[2, 3], [3], [3]], [2, 3]), ([[2, 3], [1], [3]], [2, 3])],
      misfits: [
        ([[2, 3], [2], [3]], "n0", [2, 3]), ([[2, 3], [3], [4]], "n0", [4, 3]),
      ]
    ) { sketch in
      let inputs = [sketch.input(open: [n, k]), sketch.input(open: [m]), sketch.input(open: [l])]
      return [try sketch.node("LayerNormalization", inputs, ["axis": -1])]
    },
    OpenSizeCase(
      "InstanceNormalization", fits: [([[2, 3, 4], [3], [3]], [2, 3, 4])],
      misfits: [
        ([[2, 3, 4], [2], [3]], "n0", [2, 3]), ([[2, 3, 4], [1], [3]], "n0", [1, 3]),
      ]
    ) { sketch in
      let inputs = [
        sketch.input(open: [n, k, 4]), sketch.input(open: [m]), sketch.input(open: [l]),
      ]
      return [try sketch.node("InstanceNormalization", inputs)]
    },
    OpenSizeCase(
      "QuantizeLinear per axis", fits: [([[2, 3], [3]], [2, 3]), ([[2, 3], [1]], [2, 3])],
      misfits: [([[2, 3], [2]], "n0", [2, 3]), ([[2, 3], [4]], "n0", [4, 3])]
    ) { sketch in
      let (x, scale) = (sketch.input(open: [n, k]), sketch.input(open: [m]))
      return [try sketch.node("QuantizeLinear", [x, scale], ["axis": 1])]
    },
    OpenSizeCase(
      "GridSample", fits: [([[2, 1, 3, 3], [2, 4, 4, 2]], [2, 1, 4, 4])],
      misfits: [([[2, 1, 3, 3], [3, 4, 4, 2]], "n0", [2, 3])]
    ) { sketch in
      let (x, grid) = (sketch.input(open: [n, 1, 3, 3]), sketch.input(open: [m, 4, 4, 2]))
      return [try sketch.node("GridSample", [x, grid])]
    },
    OpenSizeCase(
      "a declared size that only one input has", fits: [([[2, 4]], [2, 4])],
      misfits: [([[3, 4]], "n0", [3, 2]), ([[1, 4]], "n0", [1, 2])]
    ) { sketch in
      let x = sketch.input(open: [n, 4])
      let y = try sketch.node("Relu", [x])
      sketch.declare(y, [2, 4])
      return [try sketch.node("Sigmoid", [y])]
    },
  ]
}
