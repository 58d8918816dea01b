import IR
import Ops
import PassManager
import Tensors

/// A value seen as a product: one number times other values, through Mul, Div by a number and small powers.
///
/// Only intermediate results that nobody else reads are looked through.
struct Product {
  private(set) var number = 1.0
  private(set) var factors: [ValueID] = []

  init(_ value: ValueID, _ rw: Rewriter) {
    collect(value, rw, isRoot: true)
  }

  private mutating func collect(_ value: ValueID, _ rw: Rewriter, isRoot: Bool) {
    guard isRoot || rw.hasOneUse(value), let id = rw.graph.producer(of: value) else {
      factors.append(value)
      return
    }
    let node = rw.graph[id]
    guard node.inputs.count == 2, let a = node.inputs[0], let b = node.inputs[1] else {
      factors.append(value)
      return
    }
    switch node.op {
    case is Mul:
      for operand in [a, b] {
        if let found = Self.number(operand, rw) {
          number *= found
        } else {
          collect(operand, rw, isRoot: false)
        }
      }
    case is Div:
      guard let divisor = Self.number(b, rw), divisor != 0 else { return factors.append(value) }
      number /= divisor
      collect(a, rw, isRoot: false)
    case is Pow:
      guard let exponent = Self.number(b, rw), exponent == 2 || exponent == 3 else {
        return factors.append(value)
      }
      factors += Array(repeating: a, count: Int(exponent))
    default:
      factors.append(value)
    }
  }

  private static func number(_ value: ValueID, _ rw: Rewriter) -> Double? {
    guard let tensor = rw.constant(value), tensor.elementCount == 1 else { return nil }
    return tensor.doubles.first
  }

  /// Whether the number is `wanted` up to what rounding to 16-bit floats does.
  func hasNumber(_ wanted: Double) -> Bool {
    (number - wanted).magnitude <= 1e-3 * wanted.magnitude
  }

  /// The other factor, where there are two and one is `value`.
  func factor(beside value: ValueID) -> ValueID? {
    guard factors.count == 2 else { return nil }
    if factors[0] == value { return factors[1] }
    return factors[1] == value ? factors[0] : nil
  }
}

extension Rewriter {
  /// The operand of `value = operand + number`, if nobody else reads the sum.
  func summand(of value: ValueID, beside number: Double) -> ValueID? {
    guard hasOneUse(value), let sum = def(of: value, as: Add.self), let a = sum.input(0),
      let b = sum.input(1)
    else { return nil }
    if isNumber(b, number) { return a }
    return isNumber(a, number) ? b : nil
  }

  /// The two operands of a sum that nobody else reads.
  func summands(of value: ValueID) -> (ValueID, ValueID)? {
    guard hasOneUse(value), let sum = def(of: value, as: Add.self), let a = sum.input(0),
      let b = sum.input(1)
    else { return nil }
    return (a, b)
  }
}
