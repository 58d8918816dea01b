import IR
import Tensors

extension OpenSizeCase {
  /// Elementwise operators: a dimension of 1 repeats.
  static let broadcasts: [OpenSizeCase] =
    ["Add", "Mul", "Less", "Max"].map { op in
      OpenSizeCase(
        op,
        fits: [
          ([[3, 4], [3, 4]], [3, 4]), ([[1, 4], [5, 4]], [5, 4]), ([[5, 4], [1, 4]], [5, 4]),
          ([[1, 4], [1, 4]], [1, 4]), ([[0, 4], [1, 4]], [0, 4]), ([[1, 4], [0, 4]], [0, 4]),
        ],
        misfits: [
          ([[3, 4], [5, 4]], "n0", [3, 5]), ([[5, 4], [3, 4]], "n0", [3, 5]),
          ([[0, 4], [2, 4]], "n0", [0, 2]),
        ]
      ) { sketch in
        let (a, b) = (sketch.input(open: [n, 4]), sketch.input(open: [m, 4]))
        return [try sketch.node(op, [a, b])]
      }
    } + [
      OpenSizeCase(
        "Add of other ranks, all open",
        fits: [
          ([[3], [2, 3]], [2, 3]), ([[1], [2, 3]], [2, 3]), ([[4], [2, 1]], [2, 4]),
        ], misfits: [([[2], [2, 3]], "n0", [2, 3]), ([[3], [3, 2]], "n0", [3, 2])]
      ) { sketch in
        let (a, b) = (sketch.input(open: [n]), sketch.input(open: [k, m]))
        return [try sketch.node("Add", [a, b])]
      },
      OpenSizeCase(
        "Sum of three, and once more the first",
        fits: [
          ([[3], [1], [3]], [3]), ([[1], [1], [6]], [6]), ([[1], [6], [1]], [6]),
          ([[6], [1], [1]], [6]),
        ], misfits: [([[3], [1], [2]], "n0", [3, 2]), ([[1], [4], [2]], "n0", [4, 2])]
      ) { sketch in
        let inputs = [n, m, k].map { sketch.input(open: [$0]) }
        let sum = try sketch.node("Sum", inputs)
        return [try sketch.node("Sub", [sum, inputs[0]])]
      },
      OpenSizeCase(
        "Where",
        fits: [
          ([[3, 1], [1, 4], [3, 4]], [3, 4]), ([[1, 1], [1, 1], [3, 4]], [3, 4]),
          ([[3, 1], [1, 1], [1, 4]], [3, 4]),
        ],
        misfits: [
          ([[3, 1], [2, 4], [2, 4]], "n0", [3, 2]), ([[1, 1], [3, 4], [3, 5]], "n0", [4, 5]),
        ]
      ) { sketch in
        let condition = sketch.input(open: [n, 1], .bool)
        let (a, b) = (sketch.input(open: [m, k]), sketch.input(open: [.symbol("P"), l]))
        return [try sketch.node("Where", [condition, a, b])]
      },
      OpenSizeCase(
        "PRelu, whose slope alone repeats",
        fits: [([[2, 3], [3]], [2, 3]), ([[2, 3], [1]], [2, 3])],
        misfits: [([[2, 3], [2]], "n0", [2, 3]), ([[2, 1], [3]], "n0", [3, 1])]
      ) { sketch in
        let (x, slope) = (sketch.input(open: [n, k]), sketch.input(open: [m]))
        return [try sketch.node("PRelu", [x, slope])]
      },
      OpenSizeCase(
        "operators behind each other",
        fits: [([[2, 3], [2, 3], [3]], [2, 3]), ([[1, 3], [4, 1], [1]], [4, 3])],
        misfits: [
          ([[2, 3], [3, 3], [3]], "n1", [2, 3]), ([[2, 3], [2, 3], [2]], "n3", [2, 3]),
        ]
      ) { sketch in
        let (a, b) = (sketch.input(open: [n, k]), sketch.input(open: [m, .symbol("P")]))
        let c = sketch.input(open: [l])
        let relu = try sketch.node("Relu", [a])
        let sum = try sketch.node("Add", [relu, b])
        let root = try sketch.node("Tanh", [sum])
        return [try sketch.node("Mul", [root, c])]
      },
      OpenSizeCase(
        "a size that data decide",
        fits: [([[2, 4], [1, 6]], [1, 6]), ([[2, 4], [1, 1]], [1, 6])],
        misfits: [([[2, 4], [1, 4]], "n2", [6, 4])]
      ) { sketch in
        // Six of the eight numbers 0 2 4 1 3 0 2 4 are not zero.
        let (x, b) = (sketch.input(open: [n, m]), sketch.input(open: [1, k], .i64))
        let places = try sketch.node("NonZero", [x])
        let row = try sketch.node("Slice", [places, sketch.integers([0]), sketch.integers([1])])
        return [try sketch.node("Add", [row, b])]
      },
    ]
}
