import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes the padding of a ConvInteger whose zero point is computed as a Pad with that zero point.
  ///
  ///     %y = ConvInteger(%x, %w, %z) {pads = [1, 1, 1, 1]}
  /// ->
  ///     %p = Pad(%x, [0, 0, 1, 1, 0, 0, 1, 1], %z)
  ///     %y = ConvInteger(%p, %w, %z)
  ///
  /// Kernels that multiply bytes take what the zero point adds off complete sums, padding included. Precondition: numbers of
  /// pads.
  package static let padConvInteger = Pass(
    "pad-conv-integer", "write padding with a computed zero point as Pad"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: ConvInteger.self), let zero = match.input(2),
        rw.constant(zero) == nil, let x = rw.shape(match.input(0)),
        let w = rw.shape(match.input(1)),
        let axes = try? match.op.geometry(x: x, w: w).axes
      else { continue }
      let begins = axes.compactMap(\.padBegin.value)
      let ends = axes.compactMap(\.padEnd.value)
      guard begins.count == axes.count, ends.count == axes.count,
        (begins + ends).contains(where: { $0 != 0 })
      else { continue }
      let name = match.node.name
      let pads = [0, 0] + begins + [0, 0] + ends
      let amounts = rw.makeConstant(
        Tensor(pads.map { Int64($0) }, shape: [pads.count]), name: name + ".pads")
      let padded = try rw.insert(
        Pad(), inputs: [match.input(0), amounts, zero], before: id, name: name + ".padded")
      var window = match.op.window
      (window.pads, window.autoPad) = (nil, .notSet)
      try rw.replace(
        id, with: ConvInteger(group: match.op.group, window: window),
        inputs: [padded] + match.node.inputs.dropFirst())
    }
  }
}
