package import Loops
package import Tensors

extension Expr {
  /// The one value that all elements of a tensor have; nil where they differ or are not numbers.
  static func literal(of tensor: Tensor) -> Expr? {
    guard tensor.elementCount == 1 else { return nil }
    if let integer = tensor.integers?.first { return .integer(Int64(integer), tensor.type) }
    guard tensor.type.isFloat, let value = tensor.doubles.first else { return nil }
    return .float(value, tensor.type)
  }
}

extension Expr {
  /// Zero of a type.
  package static func zero(_ type: ElementType) -> Expr { .constant(0, type) }

  /// A number as a constant of a type.
  package static func constant(_ value: Double, _ type: ElementType) -> Expr {
    type.isFloat ? .float(value, type) : .integer(Int64(value), type)
  }
}
