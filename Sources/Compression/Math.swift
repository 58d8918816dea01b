import Glibc

extension Double {
  /// The natural logarithm.
  var logarithm: Double { log(self) }
  /// The logarithm to base 10.
  var decimalLogarithm: Double { log10(self) }
  /// e to this power.
  var exponential: Double { exp(self) }
}
