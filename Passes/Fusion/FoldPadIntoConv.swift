import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Lets a convolution or a pool do the padding before it.
  ///
  ///     %p = Pad(%x, [0, 0, 1, 1, 0, 0, 1, 1])
  ///     %y = Conv(%p, %w) {pads = [0, 0, 0, 0]}
  /// ->
  ///     %y = Conv(%x, %w) {pads = [1, 1, 1, 1]}
  ///
  /// Preconditions: the pads are known, not negative and on spatial axes only; the window states its padding
  /// (`auto_pad` is NOTSET or VALID) and does not round up. The border is 0 before Conv and AveragePool, which then
  /// counts it (it must count its own padding already, or have none), and minus infinity before MaxPool. Other readers
  /// of %p keep it.
  package static let foldPadIntoConv = Pass(
    "fold-pad-into-conv", "let Conv and pools do the padding before them"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let pad = rw.def(of: node.inputs.first ?? nil, as: Pad.self),
        let source = pad.input(0), let constant = ConstantPad(pad, &rw),
        let op = padded(node.op, constant, rw)
      else { continue }
      try rw.replace(id, with: op, inputs: [source] + node.inputs.dropFirst())
    }
  }

  /// The operator with a pad's amounts added to its own; nil where that is not the same.
  private static func padded(_ op: any Op, _ pad: ConstantPad, _ rw: Rewriter) -> (any Op)? {
    switch op {
    case let conv as Conv where pad.value == 0:
      guard let window = padded(conv.window, pad) else { return nil }
      return Conv(group: conv.group, window: window)
    case let pool as AveragePool where pad.value == 0:
      let hasOwnPads = pool.window.pads?.contains { $0 != 0 } ?? false
      guard pool.countIncludePad || !hasOwnPads, let window = padded(pool.window, pad) else {
        return nil
      }
      return AveragePool(window: window, countIncludePad: true)
    case let pool as MaxPool where pad.value == -.infinity:
      guard let window = padded(pool.window, pad) else { return nil }
      return MaxPool(window: window, columnMajor: pool.columnMajor)
    default: return nil
    }
  }

  private static func padded(_ window: WindowAttributes, _ pad: ConstantPad) -> WindowAttributes? {
    let rank = pad.pads.count / 2
    let spatial = rank - 2
    guard spatial >= 1, window.autoPad == .notSet || window.autoPad == .valid, !window.ceilMode,
      [0, 1, rank, rank + 1].allSatisfy({ pad.pads[$0] == 0 })
    else { return nil }
    let added = pad.pads[2..<rank] + pad.pads[(rank + 2)...]
    let own = window.autoPad == .notSet ? window.pads : nil
    var result = window
    result.autoPad = .notSet
    result.pads = zip(own ?? Array(repeating: 0, count: 2 * spatial), added).map { $0 + $1 }
    return result
  }
}
