import IR
import Tensors

extension TypeSet {
  /// The IEEE-like types and the 8-bit floats with a sign.
  static let floatsAndFloat8 = TypeSet.floats.union([.f8e4m3fn, .f8e4m3fnuz, .f8e5m2, .f8e5m2fnuz])

  /// Every type that numbers convert to and from: all but complex numbers.
  static let castable = TypeSet(ElementType.allCases.filter { !$0.isComplex })

  /// Every type whose elements are stored in place: all but strings.
  static let storedInPlace = TypeSet(ElementType.allCases.filter { $0 != .string })
}
