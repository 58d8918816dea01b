package import IR
package import PassManager
import Tensors

extension Rewriter {
  /// The one number that all elements of a constant have; nil for other values and for empty tensors.
  package func uniform(_ value: ValueID?) -> Double? {
    guard let tensor = constant(value), tensor.elementCount > 0, tensor.elementCount <= 65536 else {
      return nil
    }
    let elements = tensor.doubles
    guard let first = elements.first, elements.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  /// The number of a constant of one element whose value a float operator would round to `number`.
  ///
  /// - Parameter slack: the relative distance that exporters' roundings may cause.
  package func isNumber(_ value: ValueID?, _ number: Double, slack: Double = 1e-3) -> Bool {
    guard let tensor = constant(value), tensor.elementCount == 1, let found = tensor.doubles.first
    else { return false }
    return (found - number).magnitude <= slack * number.magnitude
  }

  /// The shapes of both values are known to be equal, as expressions.
  package func haveSameShape(_ a: ValueID?, _ b: ValueID?) -> Bool {
    guard let p = shape(a), let q = shape(b) else { return false }
    return p == q
  }

  package func haveSameType(_ a: ValueID?, _ b: ValueID?) -> Bool {
    haveSameShape(a, b) && type(a)?.element == type(b)?.element
  }

  /// For an operator of two operands: the constant one and the other one, whichever side they are on.
  package func constantOperand(_ node: Node) -> (constant: ValueID, other: ValueID)? {
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else { return nil }
    if constant(b) != nil, constant(a) == nil { return (b, a) }
    if constant(a) != nil, constant(b) == nil { return (a, b) }
    return nil
  }
}
