package import Diagnostics
package import IR

/// The p-norm of every channel.
///
/// - Input: `X` `[N, C, D1...Dn]`. Output: `Y` `[N, C, 1...1]`.
/// - Errors: `shape.rank`, `attribute.value`; `shape.empty` at run time.
/// - Source: ONNX GlobalLpPool-22 (versions 1, 2, 22).
package struct GlobalLpPool: GlobalPoolOp {
  package static let schema = OpSchema(
    "GlobalLpPool", versions: [1, 2, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package var p: Int

  package init(p: Int = 2) { self.p = p }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    p = try LpNorm.order(&attributes)
  }

  package var attributes: Attributes { Attributes { $0.int("p", p, default: 2) } }

  package func fold(_ channel: ArraySlice<Double>) -> Double {
    LpNorm.root(channel.reduce(0) { $0 + LpNorm.power($1, p) }, p)
  }
}
