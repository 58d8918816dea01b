import Diagnostics
import Loops
import Tensors

extension GraphLowering {
  /// Whether a tensor of up to four channels of bytes in rows becomes one with a pixel's channels side by side.
  func makesQuads(_ source: Placed, _ copy: Placed) -> Bool {
    let isByte = copy.element == .u8 || copy.element == .i8
    return isByte && copy.layout.block == 4 && copy.layout.order == nil && copy.shape.count > 2
      && (copy.shape[1].value ?? .max) <= 4 && source.layout.block == nil
  }

  /// Copies such a tensor: lanes hold neighbouring pixels, whose channels are shifted together.
  func convertToQuads(
    _ source: Placed, to copy: Placed, label: String
  ) throws(Diagnostic) {
    let builder = self.builder()
    let channels = copy.shape[1].value ?? 0
    let spatial = Array(copy.shape.dropFirst(2))
    let outer = [copy.shape[0]] + spatial.dropLast()
    let body = try Nest.axes(outer, .parallel, builder) { place throws(Diagnostic) in
      let lanes = LoopKind.vector(lanes: target.lanes(.f32))
      return try builder.loop("i", spatial[spatial.count - 1], lanes) { column in
        let position = Array(place.dropFirst()) + [column]
        let bytes = (0..<channels).map { channel -> Expr in
          let byte = builder.view(source).load([place[0], IndexExpr(channel)] + position)
          let word = Expr.bitcast(byte, .u8).converted(to: .i32)
          return channel == 0
            ? word : .binary(.shiftLeft, word, .integer(Int64(8 * channel), .i32))
        }
        let word = bytes.dropFirst().reduce(bytes[0]) { .binary(.or, $0, $1) }
        return [
          builder.view(copy.words, isWritten: true).store(word, at: [place[0], 0] + position)
        ]
      }
    }
    program.launch(
      label, family: "quads", builder, body: body, work: copy.shape.reduce(2, *),
      note: "\(source.layout.summary) to \(copy.layout.summary)")
  }
}
