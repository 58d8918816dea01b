package import Diagnostics
import Loops
package import Ops
import Tensors

extension Gather: Lowerable, ViewMaking, BlockChoosing {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let place = axis < 0 ? axis + shape.count : axis
    if try selectsInPlace(context, shape, place) { return }
    if try choosesBlocks(context, shape, place) { return }
    let (data, indices) = try (context.plain(0), context.plain(1))
    let rank = indices.shape.count
    let sink = try context.output()
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let at = Array(position[place..<place + rank])
      let (statements, index) = clampedIndex(builder, builder.view(indices).load(at), shape[place])
      var source = Array(position[..<place]) + [index]
      source += position[(place + rank)...]
      return statements
        + (try sink.store(builder.view(data).load(source), at: position, builder))
    }
    context.launch("gather", builder, body, work: sink.shape.reduce(4, *))
  }

  /// Makes the output a view, where its blocks of channels are blocks of the input's.
  private func choosesBlocks(
    _ context: NodeLowering, _ shape: [IndexExpr], _ axis: Int
  ) throws(Diagnostic) -> Bool {
    guard axis == 1, context.isBlocked(0), let numbers = context.constant(1) else { return false }
    let block = context.session.block
    let input = try context.input(0, block: block)
    if let blocks = ChosenBlocks(numbers, of: shape, block: block),
      context.makeBlockView(of: input, blocks)
    {
      return true
    }
    guard let extent = shape[1].value, numbers.rank == 1, let places = numbers.integers,
      places.allSatisfy({ (-extent..<extent).contains($0) })
    else { return false }
    try copy(context, places.map { $0 < 0 ? $0 + extent : $0 }, of: input, block: block)
    return true
  }

  /// Known channels, block by block; surplus lanes of the last block repeat one.
  private func copy(
    _ context: NodeLowering, _ channels: [Int], of input: Placed, block: Int
  ) throws(Diagnostic) {
    let sink = try context.output(block: block)
    let lanes = (channels.count + block - 1) / block * block
    let table = (0..<lanes).map { Int32(channels[Swift.min($0, channels.count - 1)]) }
    let builder = context.builder()
    let places = builder.view(context.packed(Tensor(table, shape: [lanes])))
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let symbol = builder.computedIndex(
        "at", minimum: 0, maximum: input.shape[1].value.map { $0 - 1 })
      var source = position
      source[1] = IndexExpr(symbol)
      return [.bind(symbol, places.load([position[1]]).converted(to: .i64))]
        + (try sink.store(builder.view(input).load(source), at: position, builder))
    }
    context.launch("gather", builder, body, work: sink.shape.reduce(4, *))
  }

  func chosenBlocks(_ numbers: Tensor?, of shape: [IndexExpr], block: Int) -> ChosenBlocks? {
    guard axis == 1 || axis == 1 - shape.count, let numbers else { return nil }
    return ChosenBlocks(numbers, of: shape, block: block)
  }

  /// Makes the output a view, where one position of the axis is chosen that is known.
  private func selectsInPlace(
    _ context: NodeLowering, _ shape: [IndexExpr], _ axis: Int
  ) throws(Diagnostic) -> Bool {
    guard let chosen = context.constant(1), chosen.rank == 0, let number = chosen.integers?.first,
      let extent = shape[axis].value, (-extent..<extent).contains(Int(number))
    else { return false }
    let source = try context.inPlace(0)
    guard var view = source.strided else { return false }
    let index = number < 0 ? Int(number) + extent : Int(number)
    view.offset += view.strides.remove(at: axis) * IndexExpr(index)
    return try context.makeView(of: source, Layout(strided: view))
  }
}

extension GatherElements: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let place = axis < 0 ? axis + shape.count : axis
    for axis in shape.indices where axis != place {
      try context.require(1, axis: axis, .atMost, shape[axis])
    }
    let (data, indices) = try (context.plain(0), context.plain(1))
    let sink = try context.output()
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      let (statements, index) = clampedIndex(
        builder, builder.view(indices).load(position), shape[place])
      var source = position
      source[place] = index
      return statements
        + (try sink.store(builder.view(data).load(source), at: position, builder))
    }
    context.launch("gather_elements", builder, body, work: sink.shape.reduce(4, *))
  }
}

extension GatherND: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let (data, indices) = try (context.plain(0), context.plain(1))
    let depth = indices.shape.count - 1
    let batch = batchRank
    // Where the length of a tuple is open, the ranks say it.
    let width = depth + shape.count - batch - (try context.outputShape().count)
    guard depth >= batch, (0...shape.count - batch).contains(width) else {
      throw Diagnostic(
        "shape.mismatch", "indices of shape \(indices.shape) do not fit data of shape \(shape)")
    }
    try context.require(1, axis: depth, .equal, IndexExpr(width))
    try context.define(indices.shape.dropLast() + shape[(batch + width)...])
    for axis in 0..<batch { try context.require(1, axis: axis, .equal, shape[axis]) }
    let sink = try context.output()
    let builder = context.builder()
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      var statements: [Statement] = []
      var source = Array(position[..<batch])
      for number in 0..<width {
        let load = builder.view(indices).load(Array(position[..<depth]) + [IndexExpr(number)])
        let (binding, index) = clampedIndex(builder, load, shape[batch + number])
        statements += binding
        source.append(index)
      }
      source += position[depth...]
      return statements
        + (try sink.store(builder.view(data).load(source), at: position, builder))
    }
    context.launch("gather_nd", builder, body, work: sink.shape.reduce(4, *))
  }
}

/// An index read from memory as an index expression: counted from the front, and never outside `0..<extent`.
///
/// The standard leaves indices beyond the bounds undefined; clamping them keeps every access inside the tensor.
func clampedIndex(
  _ builder: KernelBuilder, _ value: Expr, _ extent: IndexExpr
) -> (statements: [Statement], index: IndexExpr) {
  let raw = builder.local("raw", .i64)
  let count = Expr.index(extent)
  let wrapped = Expr.select(
    Expr.local(raw).isLess(than: 0), Expr.local(raw).plus(count), .local(raw))
  let inside = Expr.binary(.max, .binary(.min, wrapped, count.minus(1)), .zero(.i64))
  let symbol = builder.computedIndex(
    "at", minimum: 0, maximum: extent.upperBound.map { Swift.max(0, $0 - 1) })
  return (
    [.let(raw, value.converted(to: .i64)), .bind(symbol, inside)], IndexExpr(symbol)
  )
}
