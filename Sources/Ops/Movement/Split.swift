package import Diagnostics
package import IR
package import Tensors

/// Cuts a tensor into parts along one axis.
///
/// - Inputs: `input` of any type; `split`, optional `i64` vector: the sizes of the parts. Outputs: the parts.
/// - Attributes: `axis`, 0 by default; `num_outputs`: equal parts, the last smaller when they do not go in. With
///   neither sizes nor number, as many equal parts as there are outputs.
/// - Errors: `attribute.axis`, `attribute.value`, `shape.split`.
/// - Source: ONNX Split-18 (versions 1, 2 and 11 with an attribute, 13 with an input, 18 with `num_outputs`).
package struct Split: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Split", versions: [1, 2, 11, 13, 18],
    inputs: [.required("input", "T"), .optional("split", "S")],
    outputs: [.variadic("outputs", "T")], types: ["T": .all, "S": .i64])

  package var axis: Int
  package var partCount: Int?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: 0)
    partCount = try attributes.optionalInt("num_outputs")
    if let partCount, partCount < 1 {
      throw Diagnostic("attribute.value", "num_outputs is \(partCount), expected at least 1")
    }
  }

  package init(axis: Int = 0, partCount: Int? = nil) {
    self.axis = axis
    self.partCount = partCount
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: 0)
      $0.int("num_outputs", partCount)
    }
  }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if node.opset < 13 { node.moveIntsToInput("split", 1) }
  }

  /// The sizes of the parts along the axis.
  private func sizes(
    _ dimension: IndexExpr, _ given: [IndexExpr]?, outputCount: Int
  ) throws(Diagnostic) -> [IndexExpr] {
    if let given {
      let total = given.reduce(0, +)
      let negative = given.contains { $0.value.map { $0 < 0 } ?? false }
      guard !negative, !(total.isConstant && dimension.isConstant) || total == dimension,
        given.count >= outputCount
      else {
        throw Diagnostic(
          "shape.split", "sizes \(given) do not cut \(dimension) elements into \(outputCount) parts"
        )
      }
      return given
    }
    let count = partCount ?? outputCount
    guard count >= outputCount else {
      throw Diagnostic("shape.split", "\(count) parts, expected \(outputCount), one per output")
    }
    if partCount == nil, let value = dimension.value, value % count != 0 {
      throw Diagnostic("shape.split", "\(value) elements do not divide into \(count) equal parts")
    }
    if let even = dimension.exactQuotient(IndexExpr(count)) {
      return Array(repeating: even, count: count)
    }
    if partCount == nil {
      return Array(repeating: dimension.floorDiv(IndexExpr(count)), count: count)
    }
    let part = dimension.ceilDiv(IndexExpr(count))
    return (0..<count).map { index in
      .max(.min(part, dimension - part * IndexExpr(index)), 0)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    let count = context.outputCount
    guard let shape = input.shape else {
      return Array(repeating: .tensor(TensorType(input.element, nil)), count: count)
    }
    let place = try Axes.one(axis, rank: shape.count)
    var sizes = (0..<count).map { context.freshDimension(output: $0, axis: place) }
    if !context.hasInput(1) {
      sizes = try self.sizes(shape[place], nil, outputCount: count)
    } else if let given = context.contents(1) {
      let known = try self.sizes(shape[place], given, outputCount: count)
      sizes = zip(sizes, known).map { $1.isDimension ? $1 : $0 }
    }
    return sizes.prefix(count).map { size in
      var part = shape
      part[place] = size
      return .tensor(input.element, part)
    }
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let input = inputs[0]
    let place = try Axes.one(axis, rank: input.rank)
    let sizes = try sizes(
      IndexExpr(input.shape[place]), inputs.optional(1)?.ints.expressions,
      outputCount: inputs.outputCount)
    let inner = input.shape[(place + 1)...].reduce(1, *)
    let outer = input.shape[..<place].reduce(1, *)
    var offset = 0
    return sizes.prefix(inputs.outputCount).map { size in
      var shape = input.shape
      shape[place] = size.constant
      let row = size.constant * inner
      var mover = ElementMover(type: input.type, shape: shape)
      mover.move(
        from: input, at: offset, strides: [input.shape[place] * inner, 1], to: 0,
        strides: [row, 1], shape: [outer, row])
      offset += row
      return mover.finish()
    }
  }
}
