import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Lets convolutions make their channels in the order in which others read them, so that shuffles and splits within a
  /// block of channels cost nothing.
  ///
  ///     %a = Conv(%x, %v)                      // 24 filters; also an activation behind it
  ///     %b, %c = Split(%a) {axis = 1}          // also Slice, Gather, Concat, channel shuffles, in any number
  ///     %y = Conv(%b, %w)                      // also depthwise, with a sum over channels behind it
  ///     %z = Conv(%c, %u)
  /// ->
  ///     %a = Conv(%x, %v1)                     // 32 filters: %b's 12, 4 of zeros, %c's 12, 4 of zeros
  ///     %b = Gather(%a, [0, ..., 15]) {axis = 1}
  ///     %y = Conv(%b, %w1)                     // 16 input channels, the last 4 with weights of zero
  ///     %c = Gather(%a, [16, ..., 31]) {axis = 1}
  ///     %z = Conv(%c, %u1)
  ///
  /// The results of several convolutions are concatenated as soon as somebody reads of them; lowering computes them in
  /// place and reads blocks where they lie. What nobody reads is not computed.
  ///
  /// Preconditions: single images of known size in single precision; constant weights; every value that
  /// the moves read is made by a convolution of one group, and everything that they make is read by convolutions; some
  /// channels do not lie in whole blocks of 16, the most that targets have; surplus channels make the convolutions at
  /// most half again as large. Values are finite: surplus channels are multiplied by zeros.
  ///
  /// Source: Ma et al. 2018, arXiv:1807.11164, has such networks.
  package static let foldChannelShufflesIntoConv = Pass(
    "fold-channel-shuffles-into-conv", "let Conv make channels in the order in which they are read"
  ) { (rw) throws(Diagnostic) in
    var refused: Set<ValueID> = []
    while let roots = scatteredRoots(&rw, refused) {
      let positions = rw.graph.nodePositions
      let moves = ChannelMoves(&rw, block: channelBlock)
      guard let region = ChannelRegion(around: roots, moves, rw, positions) else {
        refused.formUnion(roots)
        continue
      }
      let order = ChannelOrder(region, block: channelBlock, positions)
      guard ReorderedChannels.isWorthwhile(region, order, rw),
        region.consumers.allSatisfy({ rw.node($0.id) != nil })
      else {
        refused.formUnion(roots)
        continue
      }
      var channels = ReorderedChannels(region, order)
      try channels.rewrite(&rw)
    }
  }

  /// Channels side by side on the widest target.
  private static let channelBlock = 16

  /// The values whose channels meet in moves, around the first that takes a copy.
  private static func scatteredRoots(
    _ rw: inout Rewriter, _ refused: Set<ValueID>
  ) -> Set<ValueID>? {
    let moves = ChannelMoves(&rw, block: channelBlock)
    let groups = moves.sources.values.map { Set($0.map(\.root)) }
    for value in moves.scattered {
      var found = Set(moves.sources[value, default: []].map(\.root))
      if !found.isDisjoint(with: refused) { continue }
      var count = 0
      while count < found.count {
        count = found.count
        for group in groups where !group.isDisjoint(with: found) { found.formUnion(group) }
      }
      return found
    }
    return nil
  }
}
