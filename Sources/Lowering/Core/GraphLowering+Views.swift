import Diagnostics
import IR
import Loops
import Ops
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

  /// The value as it lies, in whatever layout.
  func inPlace(_ value: ValueID) throws(Diagnostic) -> Placed {
    let known = places[value] ?? []
    if let first = known.first, !known.contains(where: \.layout.isPlain) { return first }
    return try place(value, in: .plain)
  }

  /// The value that `output` is under another shape: a view where `output` is read in place and has that shape there.
  func place(
    _ value: ValueID, as shape: [IndexExpr], for output: ValueID
  ) throws(Diagnostic) -> Placed {
    if isReadInPlace(output), let view = try inPlace(value).viewed(as: shape) { return view }
    return try place(value, in: .plain)
  }

  /// Makes a value a view, if its elements lie there in row-major order or in blocks, or all who read it can read it
  /// there.
  func makeView(
    _ value: ValueID, _ shape: [IndexExpr], of source: Placed, _ layout: Layout
  ) -> Bool {
    var layout = layout
    if let view = layout.strided, view.offset == 0, view.strides == shape.rowMajorStrides,
      view.count == shape.reduce(1, *)
    {
      layout = .plain
    }
    guard layout.strided == nil && layout.order == nil || isReadInPlace(value) else { return false }
    places[value] = [
      Placed(memory: source.memory, element: source.element, shape: shape, layout: layout)
    ]
    return true
  }

  /// Memory for a result whose only reader transposes it, in the order that it is transposed to, and in blocks where
  /// what follows reads them; nil where there is no such reader.
  func allocateTransposed(_ value: ValueID, label: String) throws(Diagnostic) -> Placed? {
    guard !graph.outputs.contains(value), let readers = uses[value], readers.count == 1,
      let transpose = graph[readers[0]].op as? any TransposedReading,
      let moved = graph[readers[0]].outputs.first ?? nil,
      let shape = graph.tensorType(value)?.shape, let order = transpose.order(rank: shape.count)
    else { return nil }
    let isBlocked = prefersBlocks(moved)
    // Lanes must stay neighbours.
    guard isBlocked ? order[1] == shape.count - 1 : order.last == shape.count - 1 else {
      return nil
    }
    let place = try allocate(moved, block: isBlocked ? block : nil, label: label)
    var layout = place.layout
    layout.order = order
    let placed = Placed(
      memory: place.memory, element: place.element, shape: shape, layout: layout)
    places[value] = [placed]
    return placed
  }

  /// Whether blocks of channels are what the readers of a value work on, at once or behind elementwise operators.
  func prefersBlocks(_ value: ValueID) -> Bool {
    guard let shape = graph.tensorType(value)?.shape, shape.count >= 3,
      let channels = shape[1].value, channels % block == 0
    else { return false }
    return (uses[value] ?? []).contains { id in
      let node = graph[id]
      if haloDemand(of: node, on: value) != nil { return true }
      let isPointwise =
        node.op is any ElementwiseLowerable
        || (node.op as? Fused)?.isElementwise ?? false
      guard isPointwise, let output = node.outputs.first ?? nil,
        graph.tensorType(output)?.shape == shape
      else { return false }
      return prefersBlocks(output)
    }
  }
}

/// An operator that only brings the axes of its input into another order.
protocol TransposedReading: Op {
  /// Output axis `i` is input axis `order[i]`; nil where it is not known.
  func order(rank: Int) -> [Int]?
}

extension Placed {
  /// The layout as strides and an offset; nil for blocks and halos.
  var strided: Layout.Strided? {
    if let strided = layout.strided { return strided }
    guard layout.block == nil, layout.halos.isEmpty else { return nil }
    var strides = layout.storedShape(shape).rowMajorStrides
    if let order = layout.order {
      let stored = strides
      for (axis, logical) in order.enumerated() { strides[logical] = stored[axis] }
    }
    return Layout.Strided(strides: strides, offset: 0, count: shape.reduce(1, *))
  }

  /// The view under another shape; nil where its elements are not at equal distances then.
  func viewed(as new: [IndexExpr]) -> Placed? {
    guard var view = strided else { return nil }
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

extension Fused {
  /// Whether there is no anchor.
  fileprivate var isElementwise: Bool {
    body.nodeIDs.allSatisfy { body[$0].op is any ElementwiseLowerable }
  }
}
