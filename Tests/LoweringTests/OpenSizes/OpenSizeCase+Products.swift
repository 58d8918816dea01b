import IR
import Tensors

extension OpenSizeCase {
  /// Products: what is summed over is equal, and 1 does not repeat.
  static let products: [OpenSizeCase] = [
    OpenSizeCase(
      "MatMul", fits: [([[2, 3], [3, 4]], [2, 4]), ([[5, 1], [1, 2]], [5, 2])],
      misfits: [([[2, 3], [4, 4]], "n0", [3, 4]), ([[2, 1], [4, 4]], "n0", [1, 4])]
    ) { sketch in
      let (a, b) = (sketch.input(open: [n, k]), sketch.input(open: [l, m]))
      return [try sketch.node("MatMul", [a, b])]
    },
    OpenSizeCase(
      "MatMul of batches",
      fits: [
        ([[2, 2, 3], [2, 3, 4]], [2, 2, 4]), ([[1, 2, 3], [5, 3, 4]], [5, 2, 4]),
        ([[5, 2, 3], [1, 3, 4]], [5, 2, 4]),
      ], misfits: [([[2, 2, 3], [3, 3, 4]], "n0", [2, 3])]
    ) { sketch in
      let (a, b) = (sketch.input(open: [n, 2, 3]), sketch.input(open: [m, 3, 4]))
      return [try sketch.node("MatMul", [a, b])]
    },
    OpenSizeCase(
      "MatMul with weights", fits: [([[2, 3]], [2, 4])],
      misfits: [([[2, 5]], nil, [5, 3]), ([[2, 1]], nil, [1, 3])]
    ) { sketch in
      let x = sketch.input(open: [n, k])
      return [try sketch.node("MatMul", [x, sketch.weight([3, 4])])]
    },
    OpenSizeCase(
      "MatMulInteger", fits: [([[2, 3], [3, 4]], [2, 4])],
      misfits: [([[2, 3], [2, 4]], "n0", [3, 2])]
    ) { sketch in
      let (a, b) = (sketch.input(open: [n, k], .u8), sketch.input(open: [l, m], .u8))
      return [try sketch.node("MatMulInteger", [a, b])]
    },
    OpenSizeCase(
      "Gemm",
      fits: [
        ([[3, 2], [4, 3], [4]], [2, 4]), ([[3, 2], [4, 3], [1]], [2, 4]),
      ],
      misfits: [
        ([[3, 2], [4, 2], [4]], "n0", [3, 2]), ([[3, 2], [4, 3], [2]], "n0", [2, 4]),
      ]
    ) { sketch in
      let (a, b) = (sketch.input(open: [k, n]), sketch.input(open: [m, l]))
      let c = sketch.input(open: [.symbol("P")])
      return [try sketch.node("Gemm", [a, b, c], ["transA": 1, "transB": 1])]
    },
    OpenSizeCase(
      "Einsum",
      fits: [
        ([[2, 3], [3, 4]], [2, 4]), ([[2, 1], [3, 4]], [2, 4]), ([[2, 3], [1, 4]], [2, 4]),
      ],
      misfits: [([[2, 3], [2, 4]], "n0", [3, 2])]
    ) { sketch in
      let (a, b) = (sketch.input(open: [n, k]), sketch.input(open: [l, m]))
      return [try sketch.node("Einsum", [a, b], ["equation": "ij,jk->ik"])]
    },
    OpenSizeCase(
      "Conv with open channels",
      fits: [([[1, 3, 5, 5], [4, 3, 3, 3], [4]], [1, 4, 3, 3])],
      misfits: [
        ([[1, 3, 5, 5], [4, 2, 3, 3], [4]], "n0", [3, 2]),
        ([[1, 1, 5, 5], [4, 2, 3, 3], [4]], "n0", [1, 2]),
        ([[1, 3, 5, 5], [4, 3, 3, 3], [5]], "n0", [5, 4]),
      ]
    ) { sketch in
      let x = sketch.input(open: [1, n, 5, 5])
      let w = sketch.input(open: [k, m, 3, 3])
      return [try sketch.node("Conv", [x, w, sketch.input(open: [l])])]
    },
    OpenSizeCase(
      "ConvTranspose with open channels",
      fits: [([[1, 3, 4, 4], [3, 2, 3, 3]], [1, 2, 6, 6])],
      misfits: [([[1, 3, 4, 4], [2, 2, 3, 3]], "n0", [3, 2])]
    ) { sketch in
      let (x, w) = (sketch.input(open: [1, n, 4, 4]), sketch.input(open: [m, 2, 3, 3]))
      return [try sketch.node("ConvTranspose", [x, w])]
    },
    OpenSizeCase(
      "Conv and what is added to it",
      fits: [
        ([[2, 3, 5, 5], [2, 4, 3, 3]], [2, 4, 3, 3]),
        ([[2, 3, 5, 5], [1, 4, 3, 3]], [2, 4, 3, 3]),
        ([[1, 3, 5, 5], [2, 4, 3, 3]], [2, 4, 3, 3]),
      ], misfits: [([[2, 3, 5, 5], [3, 4, 3, 3]], "n1", [2, 3])]
    ) { sketch in
      let (x, rest) = (sketch.input(open: [n, 3, 5, 5]), sketch.input(open: [m, 4, 3, 3]))
      let y = try sketch.node("Conv", [x, sketch.weight([4, 3, 3, 3])])
      return [try sketch.node("Add", [y, rest])]
    },
  ]
}
