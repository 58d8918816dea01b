import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Takes the scale of a QuantizeLinear into the multipliers of the integer layers and dequantized values before it.
  ///
  ///     %c = martlet.ConvIntegerToFloat(%x, %w, %zx, %zw, %m)
  ///     %r = Relu(%c)               // also LeakyRelu, PRelu, Clip, Abs, Neg, and Add, Sub, Min, Max of such values
  ///     %q = QuantizeLinear(%r, %s, %z)
  /// ->
  ///     %c = martlet.ConvIntegerToFloat(%x, %w, %zx, %zw, %m / %s)
  ///     %r = Relu(%c)
  ///     %q = martlet.RoundToInteger(%r) {zero_point = %z}
  ///
  /// Where something before it keeps the scale, what elementwise operators make is multiplied by `1 / s`, and everything
  /// else divided by `s`. A Relu or Clip that saturation makes needless goes away. This is the one defined result of the
  /// quantized model: the reference runs it too. Preconditions: one scale and zero point for the tensor; at most 16 bits.
  package static let foldQuantizationScales = Pass(
    "fold-quantization-scales", "take scales of QuantizeLinear into the multipliers before it"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: QuantizeLinear.self), let value = match.input(0),
        let parameters = QuantizationParameters(match, rw), parameters.isPerTensor,
        RoundToInteger.targets.contains(parameters.type)
      else { continue }
      var fold = ScaleFold(scale: parameters.scale, before: id)
      let name = match.node.name + ".scaled"
      var scaled: ValueID
      if fold.isPossible(value, rw) {
        scaled = try fold.apply(value, &rw)
      } else if let place = rw.graph.producer(of: value), rw.graph[place].op is any Elementwise {
        let factor = rw.makeConstant(Tensor(scalar: 1 / parameters.scale), name: name + ".factor")
        scaled = try rw.insert(Mul(), inputs: [value, factor], before: id, name: name)
      } else {
        let scale = rw.makeConstant(Tensor(scalar: parameters.scale), name: name + ".scale")
        scaled = try rw.insert(Div(), inputs: [value, scale], before: id, name: name)
      }
      let op = RoundToInteger(to: parameters.type, zeroPoint: parameters.zeroPoint)
      while let inner = needlessLimit(scaled, op, rw) { scaled = inner }
      try rw.replace(id, with: op, inputs: [scaled])
    }
  }

  /// What a Relu or Clip limits, where rounding saturates at the same bounds or before.
  private static func needlessLimit(
    _ value: ValueID, _ op: RoundToInteger, _ rw: Rewriter
  ) -> ValueID? {
    let range = op.target.integerRange
    let (low, high) = (range.lowerBound - op.zeroPoint, range.upperBound - op.zeroPoint)
    if let relu = rw.def(of: value, as: Relu.self) { return low == 0 ? relu.input(0) : nil }
    guard let clip = rw.def(of: value, as: Clip.self) else { return nil }
    if let bound = clip.input(1) {
      guard let least = rw.uniform(bound), least.rounded(.toNearestOrEven) <= Double(low) else {
        return nil
      }
    }
    if let bound = clip.input(2) {
      guard let most = rw.uniform(bound), most.rounded(.toNearestOrEven) >= Double(high) else {
        return nil
      }
    }
    return clip.input(0)
  }
}
