import Diagnostics
import IR
import Loops
import Tensors

/// Values that are views of other values' memory.
extension GraphLowering {
  /// Whether all who read a value read it where it lies, or make views of it for such readers.
  func isReadInPlace(_ value: ValueID) -> Bool {
    guard !graph.outputs.contains(value), let readers = uses[value], !readers.isEmpty else {
      return false
    }
    return readers.allSatisfy { id in
      let node = graph[id]
      let places = node.inputs.indices.filter { node.inputs[$0] == value }
      if let reader = node.op as? any InPlaceReading {
        return places.allSatisfy { reader.readsInPlace(input: $0) }
      }
      guard node.op is any ViewMaking || node.op is any ReinterpretLowerable, places == [0] else {
        return false
      }
      return node.outputs.allSatisfy { $0.map { isReadInPlace($0) } ?? true }
    }
  }

  /// The value as it lies, row-major or as a view, under another shape where it is given; converted only where it is
  /// at hand in blocks alone, or where a view has no such shape.
  func placeOrView(_ value: ValueID, as shape: [IndexExpr]? = nil) throws(Diagnostic) -> Placed {
    let known = places[value] ?? []
    if !known.contains(where: \.layout.isPlain),
      let view = known.first(where: { $0.layout.strided != nil })
    {
      guard let shape, shape != view.shape else { return view }
      if let reshaped = view.viewed(as: shape) { return reshaped }
    }
    return try place(value, in: .plain)
  }

  /// Makes a value a view, if all who read it can read it there.
  func makeView(
    _ value: ValueID, _ shape: [IndexExpr], of source: Placed, _ view: Layout.Strided
  ) -> Bool {
    let isOrdered =
      view.offset == 0 && view.strides == shape.rowMajorStrides
      && view.count == shape.reduce(1, *)
    guard isOrdered || isReadInPlace(value) else { return false }
    let layout = isOrdered ? Layout.plain : Layout(strided: view)
    places[value] = [
      Placed(memory: source.memory, element: source.element, shape: shape, layout: layout)
    ]
    return true
  }

  /// Memory for a result whose only reader transposes it, in the order that it is transposed to; nil where that is not
  /// so.
  func allocateTransposed(_ value: ValueID) -> Placed? {
    guard !graph.outputs.contains(value), let readers = uses[value], readers.count == 1,
      let transpose = graph[readers[0]].op as? any TransposedReading,
      let type = graph.tensorType(value), let shape = type.shape,
      let order = transpose.order(rank: shape.count)
    else { return nil }
    let moved = order.map { shape[$0] }
    let memory = program.allocate(graph[value].name, type.element, moved, .plain)
    var strides = shape
    for (axis, stride) in zip(order, moved.rowMajorStrides) { strides[axis] = stride }
    let view = Layout.Strided(strides: strides, offset: 0, count: moved.reduce(1, *))
    let placed = Placed(
      memory: memory.memory, element: type.element, shape: shape, layout: Layout(strided: view))
    places[value] = [placed]
    return placed
  }
}

/// An operator that only brings the axes of its input into another order.
protocol TransposedReading: Op {
  /// Output axis `i` is input axis `order[i]`; nil where it is not known.
  func order(rank: Int) -> [Int]?
}

extension Placed {
  /// Strides and offset of the elements in their memory; nil for blocks and halos.
  var strided: Layout.Strided? {
    if let strided = layout.strided { return strided }
    guard layout.isPlain else { return nil }
    return Layout.Strided(
      strides: shape.rowMajorStrides, offset: 0, count: shape.reduce(1, *))
  }

  /// The view under another shape; nil where its elements are not at equal distances then.
  func viewed(as new: [IndexExpr]) -> Placed? {
    guard var view = layout.strided else { return nil }
    // Axes of the old shape that are walked as one, from the last: [extent, stride].
    var old = zip(shape, view.strides).filter { $0.0 != 1 }.map { (extent: $0.0, stride: $0.1) }
    var strides: [IndexExpr] = []
    for extent in new.reversed() {
      if extent == 1 {
        strides.append(1)
        continue
      }
      guard var last = old.popLast() else { return nil }
      // Join axes until there are enough elements for this one.
      while last.extent != extent {
        if let a = last.extent.value, let b = extent.value, a % b == 0, a > b { break }
        guard let next = old.popLast(), next.stride == last.stride * last.extent else {
          return nil
        }
        last = (next.extent * last.extent, last.stride)
      }
      strides.append(last.stride)
      if last.extent != extent {
        old.append((last.extent.floorDiv(extent), last.stride * extent))
      }
    }
    guard old.isEmpty else { return nil }
    view.strides = strides.reversed()
    return Placed(memory: memory, element: element, shape: new, layout: Layout(strided: view))
  }
}

extension [IndexExpr] {
  /// Elements from one position to the next on each axis of a row-major tensor.
  var rowMajorStrides: [IndexExpr] {
    var strides = map { _ in IndexExpr(1) }
    for axis in indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * self[axis + 1] }
    return strides
  }
}
