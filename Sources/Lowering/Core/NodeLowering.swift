package import Diagnostics
package import IR
package import Loops
package import Tensors

/// What the lowering of one operator works with: its inputs' places, its output's sink, and kernels to launch.
package struct NodeLowering {
  package let session: GraphLowering
  /// The name that profiles and messages use.
  package let label: String
  /// The operator's inputs as values of the session's graph.
  let inputs: [ValueID?]
  /// The operator's own outputs: types of what it computes, before any epilogue.
  let outputTypes: [TensorType?]
  /// The values that hold the results, after the epilogue.
  let results: [ValueID?]
  /// The operators fused behind output 0.
  let fused: FusedTail?

  /// A fused node's elementwise operators, before their operands have been placed.
  struct FusedTail {
    let body: Graph
    let nodes: [NodeID]
    let seed: ValueID
    /// The outer value behind each input of the body.
    let outer: [ValueID: ValueID]
  }

  package var target: Target { session.target }
  package var inputCount: Int { inputs.count }
  package var outputCount: Int { results.count }

  package func hasInput(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }
  package func hasOutput(_ index: Int) -> Bool { index < results.count && results[index] != nil }

  private func value(_ index: Int) throws(Diagnostic) -> ValueID {
    guard index < inputs.count, let value = inputs[index] else {
      throw .internal("lowering.missing-input", "input \(index) is missing")
    }
    return value
  }

  /// What a shape rule may ask about the node: types, constants and the contents of shape computations.
  package var inference: InferenceContext {
    session.inference.context(
      inputs: inputs, outputCount: results.count, name: label, in: session.graph)
  }

  package func constant(_ index: Int) -> Tensor? {
    index < inputs.count ? session.graph.constant(inputs[index]) : nil
  }

  package func type(_ index: Int) throws(Diagnostic) -> TensorType {
    let id = try value(index)
    guard let type = session.graph.tensorType(id) else {
      throw .unsupported("lowering.not-a-tensor", "input \(index) is not a tensor")
    }
    return type
  }

  package func element(_ index: Int) throws(Diagnostic) -> ElementType { try type(index).element }

  package func shape(_ index: Int) throws(Diagnostic) -> [IndexExpr] {
    guard let shape = try type(index).shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of input \(index) is not known")
    }
    return shape
  }

  /// The shape that the operator itself gives output `index`.
  package func outputShape(_ index: Int = 0) throws(Diagnostic) -> [IndexExpr] {
    guard index < outputTypes.count, let shape = outputTypes[index]?.shape else {
      throw .unsupported("lowering.unknown-rank", "the rank of output \(index) is not known")
    }
    return shape
  }

  package func outputElement(_ index: Int = 0) throws(Diagnostic) -> ElementType {
    guard index < outputTypes.count, let type = outputTypes[index] else {
      throw .unsupported("lowering.not-a-tensor", "output \(index) is not a tensor")
    }
    return type.element
  }

  /// Whether an input is at hand in a blocked layout.
  package func isBlocked(_ index: Int) -> Bool {
    guard index < inputs.count, let value = inputs[index] else { return false }
    return session.blockedPlace(of: value) != nil
  }

  /// Whether an input is at hand in rows.
  func isInRows(_ index: Int) -> Bool {
    guard index < inputs.count, let value = inputs[index] else { return false }
    return session.graph.constant(value) != nil
      || session.places[value]?.contains { $0.layout.block == nil && $0.layout.strided == nil }
        ?? false
  }

  /// The input in rows, with zeros beside them or not.
  func rows(_ index: Int) throws(Diagnostic) -> Placed { try session.rows(try value(index)) }

  /// The input in row-major order.
  package func plain(_ index: Int) throws(Diagnostic) -> Placed {
    try session.place(try value(index), in: .plain)
  }

  /// The input as it lies: in row-major order, in blocks, or as a view of another tensor's memory.
  package func inPlace(_ index: Int) throws(Diagnostic) -> Placed {
    try session.inPlace(try value(index))
  }

  /// Makes output `index` a view of memory that holds its elements, if everybody who reads it can read it there.
  ///
  /// - Parameter layout: that of the output's axes in the memory of `source`.
  /// - Returns: false where the output needs memory of its own.
  package func makeView(
    _ index: Int = 0, of source: Placed, _ layout: Layout
  ) throws(Diagnostic) -> Bool {
    guard index < results.count, let result = results[index], fused == nil else { return false }
    let shape = try outputShape(index)
    return session.makeView(result, shape, of: source, layout)
  }

  /// The input with at least this halo, in blocks or not; converted first where it is not at hand so.
  package func input(
    _ index: Int, block: Int?, halos: [Layout.Halo] = [], fill: Int = 0
  ) throws(Diagnostic) -> Placed {
    try session.place(try value(index), in: Layout(block: block, halos: halos, fill: fill))
  }

  /// Memory for output `index`, and the way into it.
  package func output(_ index: Int = 0, block: Int? = nil) throws(Diagnostic) -> Sink {
    guard index < results.count, let result = results[index] else {
      throw .internal("lowering.missing-output", "output \(index) is missing")
    }
    let placed = try session.allocate(result, block: block, label: label)
    return index == 0 ? try sink(into: placed) : Sink(placed: placed, epilogue: nil)
  }

  /// Memory for output 0 in rows, with the zeros beside them that its readers may want.
  func rowOutput() throws(Diagnostic) -> Sink {
    guard let result = results.first ?? nil else {
      throw .internal("lowering.missing-output", "output 0 is missing")
    }
    return try sink(into: session.allocate(result, block: nil, inRows: true, label: label))
  }

  /// The way of output 0 into its memory.
  func sink(into placed: Placed) throws(Diagnostic) -> Sink {
    guard let fused else { return Sink(placed: placed, epilogue: nil) }
    return Sink(
      placed: placed,
      epilogue: try session.region(
        body: fused.body, nodes: fused.nodes, seed: fused.seed, outer: fused.outer, for: placed))
  }

  /// Whether blocks of channels are what the readers of output 0 work on.
  package func prefersBlocks() -> Bool {
    (results.first ?? nil).map { session.prefersBlocks($0) } ?? false
  }

  /// Memory for output 0 in the order that its only reader transposes it to, where there is such a reader.
  package func transposableOutput() throws(Diagnostic) -> Sink {
    if let result = results.first ?? nil,
      let placed = try session.allocateTransposed(result, label: label)
    {
      return try sink(into: placed)
    }
    return try output()
  }

  /// Whether a tensor lies where a part of a result along an axis belongs: it has been computed there.
  package func isPart(
    _ input: Placed, of result: Placed, axis: Int, offset: IndexExpr
  ) -> Bool {
    guard axis == 1, let block = result.layout.block, input.layout == result.layout,
      let first = offset.value, first % block == 0
    else { return false }
    let part = session.program.origin(of: input.memory)
    let whole = session.program.origin(of: result.memory)
    let blocks = Array(result.shape.prefix(1)) + [offset] + Array(result.shape.dropFirst(2))
    return part.memory == whole.memory
      && result.layout.byteCount(blocks, result.element)
        == IndexExpr(part.byteOffset - whole.byteOffset)
  }

  /// Makes an output a view of an input's channels in blocks, from `offset` on, where they are a piece of its memory.
  ///
  /// - Returns: false where the output needs memory of its own.
  func makeChannelView(
    _ output: Int, of input: Placed, axis: Int, offset: IndexExpr
  ) -> Bool {
    guard axis == 1, let block = input.layout.block, input.shape[0] == 1, let first = offset.value,
      first % block == 0, input.shape.allSatisfy(\.isConstant), fused == nil,
      let result = results[output], let channels = outputTypes[output]?.shape?[1]
    else { return false }
    return session.makeChannelView(
      result, of: input, firstChannel: first, channels: channels)
  }

  /// A builder for one kernel.
  package func builder() -> KernelBuilder { session.builder() }

  /// Notes which row of a table the node's kernels that follow come from.
  func record(problem: String, rows: [KernelChoice.Row], chosen: String) {
    session.choices.append(
      KernelChoice(label: label, problem: problem, rows: rows, chosen: chosen))
  }

  /// Says what has been chosen for the node's kernels that follow, and why; profiles show it.
  package func note(_ text: String) { session.program.note = text }

  package func launch(
    _ family: String, _ builder: KernelBuilder, _ body: [Statement], work: IndexExpr = 0,
    defines: Symbol? = nil, note: String? = nil
  ) {
    session.program.launch(
      label, family: family, builder, body: body, work: work, defines: defines, note: note)
  }

  /// Constant memory for packed weights or tables; subnormal numbers are zeros there (docs/numerics.md).
  package func packed(
    _ tensor: Tensor, as shape: [IndexExpr]? = nil, layout: Layout = .plain
  ) -> Placed {
    session.program.constant(label, tensor.withoutSubnormals, as: shape, layout: layout)
  }

  /// Working memory between kernels of one operator.
  package func temporary(
    _ element: ElementType, _ shape: [IndexExpr], layout: Layout = .plain
  ) -> Placed {
    session.program.allocate("\(label).temporary", element, shape, layout)
  }
}
