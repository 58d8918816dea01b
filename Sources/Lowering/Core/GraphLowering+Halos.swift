import Diagnostics
import Loops
import Tensors

extension GraphLowering {
  /// Fills the halos of spatial axes, all of an image and a channel (or a block of channels) at a time.
  func clearHalo(of placed: Placed, label: String) throws(Diagnostic) {
    let layout = placed.layout
    let extents = layout.storedShape(placed.shape)
    let strips = layout.halos.indices.dropFirst(2).flatMap { axis in
      [
        (axis, IndexExpr(0), layout.halo(axis).before),
        (axis, extents[axis] - layout.halo(axis).after, layout.halo(axis).after),
      ]
    }.filter { $0.2 != 0 }
    if strips.isEmpty { return }
    let builder = self.builder()
    let buffer = builder.view(placed, isWritten: true).buffer
    let fill =
      layout.fill == 0
      ? Expr.zero(placed.element) : .integer(Int64(layout.fill), placed.element)
    let body = try Nest.axes(Array(extents.prefix(2)), .parallel, builder) {
      outer throws(Diagnostic) in
      var body: [Statement] = []
      for (axis, start, width) in strips {
        var inner = Array(extents.dropFirst(2))
        inner[axis - 2] = width
        body += try Nest.axes(inner.dropLast(), .serial, builder) { middle throws(Diagnostic) in
          try builder.loop("i", inner[inner.count - 1], .vector(lanes: target.lanes(.f32))) {
            last in
            var position = outer + middle + [last]
            position[axis] = position[axis] + start
            return [.store(buffer, position, fill)]
          }
        }
      }
      return body
    }
    let cleared = strips.reduce(IndexExpr(0)) { sum, strip in
      var stripExtents = extents
      stripExtents[strip.0] = strip.2
      return sum + stripExtents.reduce(1, *)
    }
    program.launch(
      "halo of \(label)", family: "halo", builder, body: body, work: cleared,
      note: "padding for windows that reach over the edge")
  }
}
