import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Moves limits of quantized numbers before the QuantizeLinear, whose integers fewer bits could hold.
  ///
  ///     %q = QuantizeLinear(%x, %s, %z)
  ///     %c = Clip(%q, %low, %high)          // integers
  /// ->
  ///     %l = Clip(%x, (low - z) * s, (high - z) * s)
  ///     %c = QuantizeLinear(%l, %s, %z)
  ///
  /// `(low - z) * s / s` is off by less than 2^-22 of `low - z`: it rounds to the bound. Preconditions: %q has one reader;
  /// constant bounds; one scale and zero point for the tensor, of 8 or 16 bits.
  ///
  /// Source: the QCDQ form, Pappalardo et al. 2022, arXiv:2206.07527, section 4.
  package static let hoistClip = Pass(
    "hoist-clip", "move Clip of quantized numbers before their QuantizeLinear"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let clip = rw.match(id, as: Clip.self), rw.hasOneUse(clip.input(0)),
        let match = rw.def(of: clip.input(0), as: QuantizeLinear.self),
        let parameters = QuantizationParameters(match, rw), parameters.isPerTensor,
        RoundToInteger.targets.contains(parameters.type)
      else { continue }
      var inputs: [ValueID?] = [match.input(0)]
      let name = match.node.name + ".limited"
      for (index, what) in [(1, "low"), (2, "high")] where clip.input(index) != nil {
        guard let bound = rw.constant(clip.input(index))?.integers?.first else { break }
        let value = Float(bound - parameters.zeroPoint) * parameters.scale
        while inputs.count < index { inputs.append(nil) }
        inputs.append(rw.makeConstant(Tensor(scalar: value), name: "\(name).\(what)"))
      }
      guard inputs.count(where: { $0 != nil }) == clip.node.inputs.count(where: { $0 != nil })
      else {
        continue
      }
      let limited = try rw.insert(Clip(), inputs: inputs, before: match.id, name: name)
      try rw.replace(
        id, with: match.op, inputs: [limited] + match.node.inputs.dropFirst(),
        named: match.node.name)
    }
  }
}
