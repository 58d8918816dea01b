import Tensors

/// A function from one element to one element.
///
/// Loops over elements are generic over functions as types rather than take closures, so that the compiler makes one
/// tight loop for each function.
protocol ElementFunction {
  associatedtype Input: TensorElement
  associatedtype Output: TensorElement
  func callAsFunction(_ x: Input) -> Output
}

/// A function from two elements to one.
protocol PairFunction {
  associatedtype First: TensorElement
  associatedtype Second: TensorElement
  associatedtype Output: TensorElement
  func callAsFunction(_ a: First, _ b: Second) -> Output
}

/// A function of real numbers, computed in double.
package protocol FloatFunction {
  /// The result for one element.
  func apply(_ x: Double) -> Double
}

/// A function of two real numbers, computed in double.
package protocol FloatPairFunction {
  /// The result for one pair of floating-point elements.
  func apply(_ a: Double, _ b: Double) -> Double
}

/// Types whose elements are integers of a fixed width.
typealias IntegerElement = FixedWidthInteger & TensorElement

/// A floating-point type that operators compute in by way of double.
protocol FloatElement: TensorElement {
  /// The nearest value, ties to even.
  init(rounding value: Double)
  /// The same number in double.
  var wide: Double { get }
}

extension Float: FloatElement {
  init(rounding value: Double) { self = Float(value) }
  var wide: Double { Double(self) }
}

extension Double: FloatElement {
  init(rounding value: Double) { self = value }
  var wide: Double { self }
}

extension Float16: FloatElement {
  init(rounding value: Double) { self = Float16(value) }
  var wide: Double { Double(self) }
}

extension BFloat16: FloatElement {
  init(rounding value: Double) { self = BFloat16(Float(value)) }
  var wide: Double { Double(float) }
}

/// A function of real numbers on the elements of one type, rounded once.
struct Rounded<Function: FloatFunction, T: FloatElement>: ElementFunction {
  let function: Function

  func callAsFunction(_ x: T) -> T { T(rounding: function.apply(x.wide)) }
}

/// A function of two real numbers on the elements of one type, rounded once.
struct RoundedPair<Function: FloatPairFunction, T: FloatElement>: PairFunction {
  let function: Function

  func callAsFunction(_ a: T, _ b: T) -> T { T(rounding: function.apply(a.wide, b.wide)) }
}
