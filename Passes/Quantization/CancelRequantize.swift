import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Removes a QuantizeLinear of what a DequantizeLinear with the same parameters makes.
  ///
  ///     %f = DequantizeLinear(%q, %s, %z)
  ///     %r = QuantizeLinear(%f, %s, %z)
  /// ->
  ///     (readers of %r read %q)
  ///
  /// `(q - z) * s / s` is off by less than 2^-22 of `q - z`, far from the next integer's half for 16 bits. Precondition:
  /// at most 16 bits.
  package static let cancelRequantize = Pass(
    "cancel-requantize",
    "remove QuantizeLinear of what DequantizeLinear has made of the same integers"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: QuantizeLinear.self), let output = match.output,
        let parameters = QuantizationParameters(match, rw), parameters.type.bitWidth <= 16,
        let source = Dequantized(match.input(0), rw), source.parameters == parameters
      else { continue }
      try rw.forward(output, to: source.value)
    }
  }
}
