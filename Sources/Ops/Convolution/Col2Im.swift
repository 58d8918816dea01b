package import Diagnostics
package import IR
package import Tensors

/// Adds the columns of a matrix of blocks to the places of an image that they were cut from.
///
/// - Inputs: `input` `[N, C * block elements, L]` with one column per block position, `image_shape` and `block_shape`, one
///   element per spatial axis. Output: `[N, C, image_shape...]`.
/// - Errors: `shape.rank`, `shape.window`, `shape.blocks`, `attribute.count`.
/// - Source: ONNX Col2Im-18.
package struct Col2Im: TensorOp {
  package static let schema = OpSchema(
    "Col2Im", versions: [18],
    inputs: [
      .required("input", "T"), .required("image_shape", "I"), .required("block_shape", "I"),
    ],
    outputs: [.required("output", "T")], types: ["T": .numeric.union(.bool), "I": .i64])

  package var window: WindowAttributes

  package init(window: WindowAttributes = WindowAttributes()) { self.window = window }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    window = try WindowAttributes(&attributes)
  }

  package var attributes: Attributes { Attributes { window.write(to: &$0) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    guard x.count == 3 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected 3")
    }
    let image = context.contents(1)
    guard let rank = image?.count ?? context.elementCount(1) ?? context.elementCount(2) else {
      return [.tensor(TensorType(try context.element(0), nil))]
    }
    let sizes = (0..<rank).map { axis in
      if let size = image?[axis], size.isDimension { return size }
      return context.freshDimension(axis: axis + 2)
    }
    let block = context.integers(2)
    if let block, block.contains(where: { $0 < 1 || $0 > Int(Int32.max) }) {
      throw Diagnostic("shape.blocks", "block_shape is \(block), expected positive sizes")
    }
    let channels =
      block.map { x[1].floorDiv($0.map { IndexExpr($0) }.product) }
      ?? context.freshDimension(axis: 1)
    return [.tensor(try context.element(0), [x[0], channels] + sizes)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let image = inputs[1].integers ?? []
    let block = inputs[2].integers ?? []
    guard x.rank == 3, image.count == block.count, !block.isEmpty,
      block.allSatisfy({ $0 >= 1 && $0 <= Int(Int32.max) }),
      image.checkedElementCount != nil
    else {
      throw Diagnostic(
        "shape.blocks",
        "input \(x.shape) with image_shape \(image) and block_shape \(block) is no matrix of blocks"
      )
    }
    let axes = try window.geometry(input: image.expressions, kernel: block.expressions).resolved()
    let positions = axes.map(\.output).elementCount
    guard let size = block.checkedElementCount, x.shape[1] % size == 0, x.shape[2] == positions
    else {
      throw Diagnostic(
        "shape.blocks",
        "input is \(x.shape), expected a multiple of \(block) rows and \(positions) columns")
    }
    let channels = x.shape[1] / size
    let shape = [x.shape[0], channels] + image
    let problem = ConvolutionProblem(batch: 1, channels: 1, filters: 1, group: 1, axes: axes)
    let plane = image.elementCount
    if let values = x.integers {
      var sums = Array(repeating: 0, count: shape.elementCount)
      for index in 0..<x.shape[0] * channels {
        problem.scatter(values, from: index * size * positions, into: &sums, at: index * plane, &+)
      }
      return [Tensor(integers: sums, shape: shape, type: x.type)]
    }
    let values = x.doubles
    var sums = Array(repeating: 0.0, count: shape.elementCount)
    for index in 0..<x.shape[0] * channels {
      problem.scatter(values, from: index * size * positions, into: &sums, at: index * plane, +)
    }
    return [Tensor(doubles: sums, shape: shape, type: x.type)]
  }
}
