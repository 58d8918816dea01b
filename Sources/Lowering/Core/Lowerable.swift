package import Diagnostics
package import IR
package import Loops

/// An operator with loops of its own: convolution, pooling, softmax, transposition, ...
///
/// It reads placed inputs and hands every element to the output's sink, which applies whatever elementwise
/// operators have been fused behind it; nothing is written twice for "fused" and "not fused".
package protocol Lowerable: Op {
  func lower(_ context: NodeLowering) throws(Diagnostic)
}

/// An operator that computes each output element from the operands' elements at the same (broadcast) position.
package protocol ElementwiseLowerable: Op {
  /// The result for one lane; operands that the node leaves out are nil.
  func value(_ operands: [Expr?], _ types: ElementwiseTypes) throws(Diagnostic) -> Expr

  /// How many of the first operands are read; the others only say something about types.
  var readOperandCount: Int { get }

  /// Whether 16-bit floats are read as single precision; otherwise as they are.
  var widensOperands: Bool { get }

  /// Whether dimensions of one element repeat; otherwise all operands have one shape.
  var repeatsOperands: Bool { get }
}

extension ElementwiseLowerable {
  package var readOperandCount: Int { .max }
  package var widensOperands: Bool { true }
  package var repeatsOperands: Bool { true }
}

/// An operator whose output is its input under another shape: no data moves.
package protocol ReinterpretLowerable: Op {
  /// The input that the output shares its elements with.
  var reinterpretedInput: Int { get }
}

/// An operator that says how sizes which only data knows follow from its inputs.
package protocol SizeDefining: Op {
  func defineSizes(_ context: NodeLowering) throws(Diagnostic)
}

extension ReinterpretLowerable {
  package var reinterpretedInput: Int { 0 }
}

extension ElementwiseLowerable {
  /// An operand that the schema requires is not there: a broken graph.
  package var missingOperand: Diagnostic {
    .internal("lowering.missing-input", "an elementwise operator misses an operand")
  }
}
