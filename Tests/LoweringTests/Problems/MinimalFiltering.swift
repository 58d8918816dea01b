import Diagnostics
import IR
import Tensors

extension Tolerance {
  /// With 256 channels F(4, 3) is 0.7e-6 of the largest output away from float64, and the interpreter's sums in f32,
  /// which are those of direct convolution, 2.2e-6 (docs/decisions/0005-winograd.md); three times both is allowed.
  static let minimalFiltering = Tolerance.network(relative: 1e-4, ofLargest: 1e-5)
}

extension OpProblem {
  /// A convolution of stride 1 with 3 by 3 taps that minimal filtering can compute, and what follows it.
  ///
  /// - Parameter depth: taps along the depth, where images have one.
  private static func filtering(
    _ what: String, _ x: [Int], to filters: Int, pads: [Int] = [1, 1, 1, 1], bias: Bool = true,
    dilations: [Int] = [1, 1], group: Int = 1, depth: [Int] = [],
    _ tail: @escaping @Sendable (inout GraphSketch, ValueID) throws -> ValueID = { $1 }
  ) -> OpProblem {
    OpProblem(
      "Conv \(x) to \(filters), minimal filtering, \(what)",
      tolerance: .minimalFiltering
    ) { g in
      var inputs: [ValueID?] = [g.image(x), g.weight([filters, x[1] / group] + depth + [3, 3])]
      if bias { inputs.append(g.weight([filters])) }
      let attributes: [String: AttributeLiteral] = [
        "pads": AttributeLiteral(pads), "dilations": AttributeLiteral(dilations),
        "group": .value(.int(group)),
      ]
      return [try tail(&g, try g.node("Conv", inputs, attributes))]
    }
  }

  /// A convolution of volumes.
  private static func volume(
    _ what: String, _ x: [Int], to filters: Int, depth: Int = 3, pad: Int = 1, dilation: Int = 1
  ) -> OpProblem {
    filtering(
      "volumes, \(what)", x, to: filters, pads: [pad, 1, 1, pad, 1, 1],
      dilations: [dilation, 1, 1], depth: [depth])
  }

  static let minimalFiltering: [OpProblem] = [
    filtering("whole tiles", [1, 16, 8, 12], to: 16),
    filtering("tiles that overhang", [1, 16, 13, 10], to: 32),
    filtering("tiles that overhang, no pads", [1, 32, 9, 11], to: 16, pads: [0, 0, 0, 0]),
    filtering("asymmetric pads", [1, 16, 9, 8], to: 16, pads: [0, 2, 1, 0]),
    filtering("channels that fill no block", [1, 40, 7, 7], to: 24, bias: false),
    filtering("an odd block", [1, 16, 14, 14], to: 48),
    filtering("tiles of several images", [3, 24, 7, 7], to: 32),
    filtering("many channels", [1, 80, 6, 6], to: 33),
    filtering("blocks of tiles", [1, 16, 50, 46], to: 20),
    filtering("blocks of tiles of several images", [2, 18, 41, 39], to: 48),
    filtering("dilated", [1, 16, 13, 14], to: 16, pads: [2, 2, 2, 2], dilations: [2, 2]),
    filtering(
      "dilated by more than a tile", [1, 32, 23, 9], to: 48, pads: [5, 1, 5, 1], dilations: [5, 1]),
    filtering("groups of a block", [1, 32, 9, 9], to: 32, group: 2),
    filtering("narrow groups", [2, 48, 10, 7], to: 48, group: 6),
    filtering("narrow groups, an odd number", [1, 40, 9, 8], to: 40, group: 5),
    volume("whole planes", [1, 16, 5, 8, 8], to: 32),
    volume("no pads, channels that fill no block", [1, 40, 6, 9, 7], to: 24, pad: 0),
    volume("two images", [2, 32, 3, 6, 10], to: 48),
    volume("one plane", [1, 16, 1, 7, 7], to: 16),
    volume("blocks of planes", [1, 16, 40, 18, 17], to: 20),
    volume("one depth tap", [1, 16, 4, 10, 9], to: 16, depth: 1, pad: 0),
    volume("dilated along the depth", [1, 32, 7, 6, 8], to: 16, pad: 2, dilation: 2),
    filtering("residual and activation", [1, 16, 10, 10], to: 16) { g, y in
      try g.node("Relu", [g.node("Add", [y, g.image([1, 16, 10, 10])])])
    },
    filtering("a long epilogue", [1, 16, 9, 9], to: 16) { g, y in
      let gate = try g.node("HardSigmoid", [g.node("Tanh", [g.node("Abs", [y])])])
      return try g.node("Mul", [y, g.node("Sqrt", [g.node("Abs", [gate])])])
    },
  ]
}
