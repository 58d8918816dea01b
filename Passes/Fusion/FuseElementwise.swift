import Diagnostics
import IR
import Ops
package import PassManager

extension Pass {
  /// Gathers elementwise operators, and the one anchor before them, into regions that run as one loop nest.
  ///
  ///     %c = Conv(%x, %w, %b)
  ///     %a = Add(%c, %r)            // only reader of %c
  ///     %y = Relu(%a)               // only reader of %a
  /// ->
  ///     %y = martlet.Fused(%x, %w, %b, %r) {body = graph @y(%x, %w, %b, %r) {
  ///       %c = Conv(%x, %w, %b)
  ///       %a = Add(%c, %r)
  ///       %y = Relu(%a)
  ///       return %y
  ///     }}
  ///
  /// A region is grown from its last operator backwards: a producer joins when all its readers are inside and its result
  /// has the shape of the region's result, so nothing is computed twice and no intermediate result leaves. Then one
  /// anchor joins under the same conditions. Of several, as before a residual addition, the last one in order does, and
  /// what the others feed alone stays with them. Everything else the region reads broadcasts to its shape.
  ///
  /// Preconditions: numbers and booleans of at least 8 bits; single results; a region of one operator is left alone.
  package static let fuseElementwise = Pass(
    "fuse-elementwise", "gather elementwise operators behind their anchor into regions"
  ) { (rw) throws(Diagnostic) in
    let positions = rw.graph.nodePositions
    for id in rw.graph.nodeIDs.reversed() {
      guard rw.node(id) != nil, let region = ElementwiseRegion(root: id, rw, positions) else {
        continue
      }
      let body = region.body(rw.graph)
      let finished = try FloatRoundings.keep(in: body) { value in
        body.inputs.firstIndex(of: value).flatMap { rw.uniform(region.inputs[$0]) }
      }
      try rw.replace(
        id, with: Fused(body: finished), inputs: region.inputs.map { $0 },
        named: region.name(rw.graph))
    }
  }
}
