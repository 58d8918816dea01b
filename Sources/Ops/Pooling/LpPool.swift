package import Diagnostics
package import IR
package import Tensors

/// The p-norm of every window: `(sum |x|^p)^(1/p)`; padding counts as zero.
///
/// - Input: `X` `[N, C, D1...Dn]`. Output: `Y` `[N, C, O1...On]`.
/// - Errors: `shape.rank`, `shape.window`, `attribute.count`, `attribute.missing`, `attribute.value`.
/// - Source: ONNX LpPool-22 (versions 1, 2, 11, 18, 22).
package struct LpPool: PoolOp {
  package static let schema = OpSchema(
    "LpPool", versions: [1, 2, 11, 18, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var window: WindowAttributes
  package var p: Int

  package init(window: WindowAttributes, p: Int = 2) {
    self.window = window
    self.p = p
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    window = try WindowAttributes(&attributes)
    window.ceilMode = try attributes.flag("ceil_mode")
    p = try LpNorm.order(&attributes)
    if window.kernelShape == nil { throw attributes.missing("kernel_shape") }
  }

  package var attributes: Attributes {
    Attributes {
      window.write(to: &$0)
      $0.flag("ceil_mode", window.ceilMode)
      $0.int("p", p, default: 2)
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let problem = try PoolProblem(x: x.shape, geometry: try geometry(x: x.symbolicShape))
    let powers = x.doubles.map { LpNorm.power($0, p) }
    var norms = Array(repeating: 0.0, count: problem.outputShape.elementCount)
    problem.forEachWindow { output, plane, rows, columns in
      var sum = 0.0
      for row in rows {
        for column in columns { sum += powers[plane + row + column] }
      }
      norms[output] = LpNorm.root(sum, p)
    }
    return [Tensor(doubles: norms, shape: problem.outputShape, type: x.type)]
  }
}
