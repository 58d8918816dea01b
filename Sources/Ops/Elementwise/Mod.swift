package import Diagnostics
import Glibc
package import IR
package import Tensors

/// The remainder of `a / b` with multidirectional broadcasting.
///
/// - Inputs: `A`, `B` of one numeric type, shapes that broadcast. Output: `C` of the broadcast shape.
/// - Attributes: `fmod` (default 0): 1 gives the remainder the sign of `a`, as C's `fmod` does; 0 that of `b`, as
///   Python's `%` does.
/// - Errors: `shape.broadcast`, `run.division-by-zero` for integers.
/// - Source: ONNX Mod-13 (versions 10, 13, 28).
package struct Mod: BinaryElementwise, ContentInferring {
  package static let schema = OpSchema(
    "Mod", versions: [10, 13, 28], inputs: [.required("A", "T"), .required("B", "T")],
    outputs: [.required("C", "T")], types: ["T": .numeric])

  /// Whether the remainder has the sign of the dividend.
  package let followsDividend: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    followsDividend = try attributes.flag("fmod")
  }

  package init(followsDividend: Bool = false) { self.followsDividend = followsDividend }

  package var attributes: Attributes { Attributes { $0.flag("fmod", followsDividend) } }

  package func apply(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    if followsDividend || rest.isNaN { return rest }
    if rest == 0 { return b.sign == .minus ? -0.0 : 0.0 }
    return (rest < 0) == (b < 0) ? rest : rest + b
  }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I {
    let (rest, overflow) = a.remainderReportingOverflow(dividingBy: b)
    if overflow || rest == 0 { return 0 }
    return followsDividend || (rest < 0) == (b < 0) ? rest : rest &+ b
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    try IntegerDivision.check(inputs[1])
    return [try combine(inputs[0], inputs[1])]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [
      Broadcasting.contents(context) { pair in
        // The two conventions agree where the dividend is not negative.
        if followsDividend {
          guard let low = pair[0].lowerBound, low >= 0 else { return nil }
        }
        return IndexExpr.remainder(pair[0], pair[1])
      }
    ]
  }
}
