package import Diagnostics
package import IR

/// The mean of every channel.
///
/// - Input: `X` `[N, C, D1...Dn]`. Output: `Y` `[N, C, 1...1]`.
/// - Errors: `shape.rank`; `shape.empty` at run time.
/// - Source: ONNX GlobalAveragePool-22 (versions 1, 22).
package struct GlobalAveragePool: GlobalPoolOp {
  package static let schema = OpSchema(
    "GlobalAveragePool", versions: [1, 22], inputs: [.required("X", "T")],
    outputs: [.required("Y", "T")], types: ["T": .floats])

  package init() {}

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {}

  package var attributes: Attributes { Attributes() }

  package func fold(_ channel: ArraySlice<Double>) -> Double {
    channel.reduce(0, +) / Double(channel.count)
  }
}
