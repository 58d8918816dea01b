package import Diagnostics
package import IR
package import Tensors

/// `y = table[x - least]`, where `least` is the least number of the type of `x`: a function of bytes.
///
/// - Input: `x` of any shape, a type of 8 bits. Output: `y`, same shape, of type `to`.
/// - Attributes: `to`, a type of 8 bits; `table`, 256 numbers of it.
/// - Errors: `attribute.count`, `attribute.value`, `attribute.missing`, `type.element`.
/// - Source: Martlet's own.
package struct Lookup: TensorOp, Elementwise {
  package static let schema = OpSchema(
    "Lookup", domain: "martlet", versions: [1], inputs: [.required("x", "T1")],
    outputs: [.required("y", "T2")], types: ["T1": [.i8, .u8], "T2": [.i8, .u8]])

  package let target: ElementType
  package let table: [Int]

  /// - Precondition: there are 256 numbers of the type.
  package init(_ table: [Int], to target: ElementType) {
    self.table = table
    self.target = target
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let target = try attributes.nonzeroElementType("to") else {
      throw attributes.missing("to")
    }
    guard target == .u8 || target == .i8 else {
      throw Diagnostic("type.element", "'to' is \(target), expected an integer of 8 bits")
    }
    guard let table = try attributes.ints("table") else { throw attributes.missing("table") }
    guard table.count == 256 else {
      throw Diagnostic("attribute.count", "'table' has \(table.count) elements, expected 256")
    }
    if let wrong = table.first(where: { !target.integerRange.contains($0) }) {
      throw Diagnostic("attribute.value", "'table' has \(wrong), expected numbers of \(target)")
    }
    self.target = target
    self.table = table
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("to", Int(target.rawValue))
      $0.ints("table", table)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(TensorType(target, try context.tensorType(0).shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let least = inputs[0].type.integerRange.lowerBound
    let y = (inputs[0].integers ?? []).map { table[$0 - least] }
    return [Tensor(integers: y, shape: inputs[0].shape, type: target)]
  }
}
