import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes what is left of DequantizeLinear as arithmetic, which joins the loops of its readers.
  ///
  ///     %y = DequantizeLinear(%q, %s, %z)
  /// ->
  ///     %f = Cast(%q) {to = f32}
  ///     %d = Sub(%f, float(%z))     // exact
  ///     %y = Mul(%d, %s)
  ///
  /// Preconditions: one scale and zero point for the tensor; at most 16 bits; %q is no constant.
  package static let expandDequantize = Pass(
    "expand-dequantize", "write DequantizeLinear of computed values as arithmetic"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: DequantizeLinear.self),
        let parameters = QuantizationParameters(match, rw), parameters.isPerTensor,
        parameters.type.bitWidth <= 16, parameters.type.bitWidth >= 8,
        let source = match.input(0), rw.constant(source) == nil
      else { continue }
      let name = match.node.name
      var value = try rw.insert(
        Cast(to: .f32), inputs: [source], before: id, name: name + ".float")
      if parameters.zeroPoint != 0 {
        let zero = rw.makeConstant(
          Tensor(scalar: Float(parameters.zeroPoint)), name: name + ".zero_point")
        value = try rw.insert(Sub(), inputs: [value, zero], before: id, name: name + ".difference")
      }
      let scale = rw.makeConstant(Tensor(scalar: parameters.scale), name: name + ".scale")
      try rw.replace(id, with: Mul(), inputs: [value, scale])
    }
  }
}
