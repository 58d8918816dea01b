import IR
import Tensors

extension OpenSizeCase {
  /// Operators that move elements.
  static let movements: [OpenSizeCase] = [
    OpenSizeCase(
      "Concat", fits: [([[3, 2], [3, 5]], [3, 7]), ([[1, 0], [1, 5]], [1, 5])],
      misfits: [([[3, 2], [4, 2]], "n0", [3, 4]), ([[1, 2], [4, 2]], "n0", [1, 4])]
    ) { sketch in
      let (a, b) = (sketch.input(open: [n, k]), sketch.input(open: [m, l]))
      return [try sketch.node("Concat", [a, b], ["axis": 1])]
    },
    OpenSizeCase(
      "Concat of pictures in blocks",
      fits: [([[2, 3, 4, 4], [2, 5, 4, 4]], [2, 21, 4, 4])],
      misfits: [([[2, 3, 4, 4], [1, 5, 4, 4]], "n1", [2, 1])]
    ) { sketch in
      let (x, y) = (sketch.input(open: [n, 3, 4, 4]), sketch.input(open: [m, 5, 4, 4]))
      let a = try sketch.node("Conv", [x, sketch.weight([16, 3, 1, 1])])
      return [try sketch.node("Concat", [a, y], ["axis": 1])]
    },
    OpenSizeCase(
      "Reshape to the shape of another", fits: [([[3, 4], [3, 2, 2]], [3, 2, 2])],
      misfits: [([[3, 4], [2, 2, 2]], "n1", [12, 8]), ([[1, 4], [2, 2, 2]], "n1", [4, 8])]
    ) { sketch in
      let (x, y) = (sketch.input(open: [n, 4]), sketch.input(open: [m, 2, 2]))
      return [try sketch.node("Reshape", [x, sketch.node("Shape", [y])])]
    },
    OpenSizeCase(
      "Reshape with what is left",
      fits: [([[2, 4]], [1, 8]), ([[4, 4]], [2, 8]), ([[0, 4]], [0, 8])],
      misfits: [([[3, 4]], "n0", [12, 8]), ([[1, 4]], "n0", [4])]
    ) { sketch in
      let x = sketch.input(open: [n, 4])
      return [try sketch.node("Reshape", [x, sketch.integers([-1, 8])])]
    },
    OpenSizeCase(
      "Reshape of a product of open sizes", fits: [([[2, 3], [6, 1]], [6, 1])],
      misfits: [([[2, 3], [5, 1]], "n1", [6, 5])]
    ) { sketch in
      let (x, y) = (sketch.input(open: [n, m]), sketch.input(open: [k, l]))
      return [try sketch.node("Reshape", [x, sketch.node("Shape", [y])])]
    },
    OpenSizeCase(
      "Expand to the shape of another",
      fits: [
        ([[3, 1], [3, 4]], [3, 4]), ([[1, 1], [3, 4]], [3, 4]), ([[3, 1], [1, 4]], [3, 4]),
      ], misfits: [([[3, 1], [2, 4]], "n1", [3, 2])]
    ) { sketch in
      let (x, y) = (sketch.input(open: [n, 1]), sketch.input(open: [m, k]))
      return [try sketch.node("Expand", [x, sketch.node("Shape", [y])])]
    },
    OpenSizeCase(
      "Split", fits: [([[5, 2]], [2, 2])],
      misfits: [([[6, 2]], "n0", [6]), ([[4, 2]], "n0", [4])]
    ) { sketch in
      let x = sketch.input(open: [n, 2])
      return try sketch.nodes("Split", [x, sketch.integers([2, 3])], outputCount: 2)
    },
    OpenSizeCase(
      "DepthToSpace", fits: [([[1, 8, 2, 3]], [1, 2, 4, 6])],
      misfits: [([[1, 6, 2, 3]], "n0", [])]
    ) { sketch in
      let x = sketch.input(open: [1, n, m, k])
      return [try sketch.node("DepthToSpace", [x], ["blocksize": 2])]
    },
    OpenSizeCase(
      "GatherElements, whose indices may be fewer",
      fits: [([[3, 4], [3, 2]], [3, 2]), ([[3, 4], [2, 5]], [2, 5])],
      misfits: [([[3, 4], [4, 4]], "n0", [4, 3])]
    ) { sketch in
      let (data, indices) = (sketch.input(open: [n, m]), sketch.input(open: [k, l], .i64))
      return [try sketch.node("GatherElements", [data, indices], ["axis": 1])]
    },
    OpenSizeCase(
      "ScatterElements", fits: [([[3, 4], [2, 2], [2, 2]], [3, 4])],
      misfits: [
        ([[3, 4], [2, 2], [1, 2]], "n0", [2, 1]), ([[3, 4], [4, 1], [4, 1]], "n0", [4, 3]),
      ]
    ) { sketch in
      let (data, indices) = (sketch.input(open: [n, m]), sketch.input(open: [k, l], .i64))
      let updates = sketch.input(open: [.symbol("P"), .symbol("Q")])
      return [try sketch.node("ScatterElements", [data, indices, updates], ["axis": 1])]
    },
  ]
}
