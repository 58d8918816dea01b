import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// Roundings inside a region whose integers only the region itself reads: they stay floats.
///
///     %q = martlet.RoundToInteger(%x) {zero_point = z}
///     %f = Cast(%q) {to = f32}
///     %d = Sub(%f, z)
/// ->
///     %d = martlet.RoundWithin(%x)
///
/// What a region hands over stays an integer, which is the smaller.
enum FloatRoundings {
  /// - Parameter number: the one number that an input of the body holds; nil for others.
  static func keep(
    in body: Graph, number: (ValueID) -> Double?
  ) throws(Diagnostic) -> Graph {
    var rw = Rewriter(body)
    for id in body.nodeIDs {
      guard let cast = rw.match(id, as: Cast.self), cast.op.target == .f32,
        let rounding = rw.def(of: cast.input(0), as: RoundToInteger.self),
        rw.hasOneUse(cast.input(0))
      else { continue }
      let (root, zero) = difference(of: cast, rw, number)
      guard zero == rounding.op.zeroPoint else { continue }
      let range = rounding.op.target.integerRange
      let op = RoundWithin(low: range.lowerBound - zero, high: range.upperBound - zero)
      try rw.replace(root, with: op, inputs: [rounding.input(0)])
    }
    return rw.graph
  }

  /// The Sub that takes a zero point off the only result of a Cast, and the zero point; the Cast itself and zero where
  /// there is none.
  private static func difference(
    of cast: Match<Cast>, _ rw: Rewriter, _ number: (ValueID) -> Double?
  ) -> (root: NodeID, zero: Int) {
    guard let output = cast.output, rw.hasOneUse(output),
      let reader = rw.graph.readers(of: output).first,
      let sub = rw.match(reader, as: Sub.self), sub.input(0) == output,
      let zero = sub.input(1).flatMap(number), let whole = Int(exactly: zero)
    else { return (cast.id, 0) }
    return (reader, whole)
  }
}
