package import Diagnostics
package import IR

/// `z = x << y` or `z = x >> y` with multidirectional broadcasting; the right shift of signed numbers keeps the sign.
///
/// A negative amount or one of at least the type's width leaves only copies of the sign when shifting right, zero when
/// shifting left.
///
/// - Inputs: `X`, `Y` of one integer type, shapes that broadcast. Output: `Z` of the broadcast shape.
/// - Attributes: `direction`, `LEFT` or `RIGHT`, required.
/// - Errors: `shape.broadcast`, `attribute.missing`, `attribute.value`.
/// - Source: ONNX BitShift-28 (versions 11, 28).
package struct BitShift: IntegerBinaryElementwise {
  package static let schema = OpSchema(
    "BitShift", versions: [11, 28], inputs: [.required("X", "T"), .required("Y", "T")],
    outputs: [.required("Z", "T")], types: ["T": .integers])

  package let shiftsLeft: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard
      let direction = try attributes.optionalString("direction", oneOf: ["LEFT", "RIGHT"])
    else { throw attributes.missing("direction") }
    shiftsLeft = direction == "LEFT"
  }

  package init(shiftsLeft: Bool) { self.shiftsLeft = shiftsLeft }

  package var attributes: Attributes {
    Attributes { $0.string("direction", shiftsLeft ? "LEFT" : "RIGHT") }
  }

  package func apply<I: FixedWidthInteger>(_ a: I, _ b: I) -> I {
    // Smart shifts move everything out when the amount is too large.
    let amount = b < 0 || b >= I.bitWidth ? I.bitWidth : Int(b)
    return shiftsLeft ? a << amount : a >> amount
  }
}
