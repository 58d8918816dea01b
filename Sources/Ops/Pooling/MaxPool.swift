package import Diagnostics
package import IR
package import Tensors

/// The maximum of every window, and optionally where it was; padding never wins.
///
/// - Input: `X` `[N, C, D1...Dn]`. Outputs: `Y` `[N, C, O1...On]`, optional `Indices`: the position of each maximum in
///   the whole of `X`, its spatial part row-major, or with `storage_order` 1 column-major. Ties go to the first.
/// - Errors: `shape.rank`, `shape.window`, `attribute.count`, `attribute.missing`.
/// - Source: ONNX MaxPool-22 (versions 1, 8, 10, 11, 12, 22).
package struct MaxPool: PoolOp {
  package static let schema = OpSchema(
    "MaxPool", versions: [1, 8, 10, 11, 12, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T"), .optional("Indices", "I")],
    types: ["T": TypeSet.floats.union([.i8, .u8]), "I": .i64])

  package var window: WindowAttributes
  /// Whether indices count spatial positions with the first axis fastest.
  package var columnMajor: Bool

  package init(window: WindowAttributes, columnMajor: Bool = false) {
    self.window = window
    self.columnMajor = columnMajor
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    window = try WindowAttributes(&attributes)
    window.ceilMode = try attributes.flag("ceil_mode")
    columnMajor = try attributes.flag("storage_order")
    if window.kernelShape == nil { throw attributes.missing("kernel_shape") }
  }

  package var attributes: Attributes {
    Attributes {
      window.write(to: &$0)
      $0.flag("ceil_mode", window.ceilMode)
      $0.flag("storage_order", columnMajor)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try outputShape(x: try context.shape(0))
    return [.tensor(try context.element(0), shape), .tensor(.i64, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let problem = try PoolProblem(x: x.shape, geometry: try geometry(x: x.symbolicShape))
    let values = x.doubles
    let count = problem.outputShape.elementCount
    var best = Array(repeating: lowest(x.type), count: count)
    var places = Array(repeating: -1, count: count)
    problem.forEachWindow { output, plane, rows, columns in
      var maximum = -Double.infinity
      var place = -1
      for row in rows {
        for column in columns {
          let value = values[plane + row + column]
          if value > maximum || place < 0 {
            maximum = value
            place = plane + row + column
          }
        }
      }
      if place >= 0 { best[output] = maximum }
      places[output] = place
    }
    let y = Tensor(doubles: best, shape: problem.outputShape, type: x.type)
    guard inputs.outputCount > 1 else { return [y] }
    if columnMajor {
      let sizes = problem.axes.map(\.input)
      places = places.map { $0 < 0 ? $0 : Self.columnMajor($0, sizes, problem.inputPlane) }
    }
    return [y, Tensor(integers: places, shape: problem.outputShape, type: .i64)]
  }

  private func lowest(_ type: ElementType) -> Double {
    switch type {
    case .i8: -128
    case .u8: 0
    default: -.infinity
    }
  }

  /// A row-major position in the whole input with its spatial part counted column-major.
  private static func columnMajor(_ place: Int, _ sizes: [Int], _ plane: Int) -> Int {
    var rest = place % plane
    var coordinates: [Int] = []
    for size in sizes.reversed() {
      coordinates.append(rest % size)
      rest /= size
    }
    var index = place - place % plane
    var step = 1
    for (coordinate, size) in zip(coordinates.reversed(), sizes) {
      index += coordinate * step
      step *= size
    }
    return index
  }
}
