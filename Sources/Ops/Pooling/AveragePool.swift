package import Diagnostics
package import IR
package import Tensors

/// The mean of every window, over the elements inside the input or, with `count_include_pad`, inside its padding too.
///
/// - Input: `X` `[N, C, D1...Dn]`. Output: `Y` `[N, C, O1...On]`. Elements that a rounded-up last window has behind the
///   padding never count.
/// - Errors: `shape.rank`, `shape.window`, `attribute.count`, `attribute.missing`.
/// - Source: ONNX AveragePool-22 (versions 1, 7, 10, 11, 19, 22).
package struct AveragePool: PoolOp {
  package static let schema = OpSchema(
    "AveragePool", versions: [1, 7, 10, 11, 19, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var window: WindowAttributes
  package var countIncludePad: Bool

  package init(window: WindowAttributes, countIncludePad: Bool = false) {
    self.window = window
    self.countIncludePad = countIncludePad
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    window = try WindowAttributes(&attributes)
    window.ceilMode = try attributes.flag("ceil_mode")
    countIncludePad = try attributes.flag("count_include_pad")
    if window.kernelShape == nil { throw attributes.missing("kernel_shape") }
  }

  package var attributes: Attributes {
    Attributes {
      window.write(to: &$0)
      $0.flag("ceil_mode", window.ceilMode)
      $0.flag("count_include_pad", countIncludePad)
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let problem = try PoolProblem(x: x.shape, geometry: try geometry(x: x.symbolicShape))
    let values = x.doubles
    let divisors = countIncludePad ? problem.paddedCounts() : []
    var means = Array(repeating: 0.0, count: problem.outputShape.elementCount)
    problem.forEachWindow { output, plane, rows, columns in
      var sum = 0.0
      for row in rows {
        for column in columns { sum += values[plane + row + column] }
      }
      let inside = rows.count * columns.count
      let divisor = countIncludePad ? divisors[output % divisors.count] : inside
      means[output] = divisor == 0 ? 0 : sum / Double(divisor)
    }
    return [Tensor(doubles: means, shape: problem.outputShape, type: x.type)]
  }
}
