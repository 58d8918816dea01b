package import Diagnostics
package import Loops
package import Tensors

/// Loop nests that visit every element of a tensor once, in the order of its layout.
package enum Nest {
  /// Elements of the innermost axis that one parallel iteration covers at most.
  private static let chunk = 16384

  /// A nest over all elements of `placed`, `body` giving the statements for one logical position.
  ///
  /// Threads share the outer axes; the innermost stored axis (the channel block, where there is one) runs in lanes.
  package static func over(
    _ placed: Placed, _ builder: KernelBuilder,
    _ body: ([IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    if let block = placed.layout.block {
      return try blocked(placed.shape, block, builder, body)
    }
    return try plain(placed.shape, builder, body)
  }

  private static func plain(
    _ shape: [IndexExpr], _ builder: KernelBuilder,
    _ body: ([IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    guard let last = shape.last else { return try body([]) }
    let lanes = LoopKind.vector(lanes: builder.target.lanes(.f32))
    return try axes(Array(shape.dropLast()), .parallel, builder) {
      outer throws(Diagnostic) in
      // A long row is cut in pieces for the threads, a short one is not.
      if let extent = last.value, extent <= chunk {
        return try builder.loop("i", last, lanes) { inner throws(Diagnostic) in
          try body(outer + [inner])
        }
      }
      let pieces = last.ceilDiv(IndexExpr(chunk))
      return try builder.loop("i", pieces, .parallel) { piece throws(Diagnostic) in
        let variable = builder.index("i", last)
        let start = piece * IndexExpr(chunk)
        let end = IndexExpr.min(last, start + IndexExpr(chunk))
        return [
          .loop(
            Loop(
              variable, from: start, to: end, lanes,
              body: try body(outer + [IndexExpr(variable)])))
        ]
      }
    }
  }

  private static func blocked(
    _ shape: [IndexExpr], _ block: Int, _ builder: KernelBuilder,
    _ body: ([IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let blocks = shape[1].ceilDiv(IndexExpr(block))
    let spatial = Array(shape.dropFirst(2))
    return try axes([shape[0], blocks] + spatial.dropLast(), .parallel, builder) {
      outer throws(Diagnostic) in
      try builder.loop("i", spatial.last ?? 1) { column throws(Diagnostic) in
        try builder.loop("i", IndexExpr(block), .vector(lanes: block)) {
          lane throws(Diagnostic) in
          let channel = outer[1] * IndexExpr(block) + lane
          var position = [outer[0], channel]
          if !spatial.isEmpty { position += Array(outer.dropFirst(2)) + [column] }
          return try body(position)
        }
      }
    }
  }

  /// Nested loops of one kind over several axes.
  package static func axes(
    _ extents: [IndexExpr], _ kind: LoopKind, _ builder: KernelBuilder,
    _ body: ([IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    guard let first = extents.first else { return try body([]) }
    let rest = Array(extents.dropFirst())
    if first == 1 {
      return try axes(rest, kind, builder) { inner throws(Diagnostic) in try body([0] + inner) }
    }
    return try builder.loop("i", first, kind) { index throws(Diagnostic) in
      try axes(rest, kind, builder) { inner throws(Diagnostic) in try body([index] + inner) }
    }
  }
}
