package import Diagnostics
package import IR
package import Tensors

/// Permutes the dimensions: `y.shape[i] = x.shape[perm[i]]`.
///
/// - Input: `data` of any type. Output: `transposed`.
/// - Attribute: `perm`, a permutation of the axes; reversed by default.
/// - Errors: `attribute.perm` when it is no permutation of the input's axes.
/// - Source: ONNX Transpose-25 (versions 1, 13, 21-25).
package struct Transpose: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Transpose", versions: [1, 13, 21, 23, 24, 25], inputs: [.required("data", "T")],
    outputs: [.required("transposed", "T")], types: ["T": .all])

  /// Nil reverses the axes.
  package var permutation: [Int]?

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    permutation = try attributes.ints("perm")
  }

  package init(permutation: [Int]? = nil) { self.permutation = permutation }

  package var attributes: Attributes { Attributes { $0.ints("perm", permutation) } }

  /// The permutation for an input of `rank` dimensions.
  ///
  /// - Throws: `attribute.perm`.
  package func permutation(rank: Int) throws(Diagnostic) -> [Int] {
    guard let permutation else { return (0..<rank).reversed() }
    let axes = permutation.map { $0 < 0 ? $0 + rank : $0 }
    guard axes.sorted() == Array(0..<rank) else {
      throw Diagnostic(
        "attribute.perm", "perm is \(permutation), expected a permutation of \(rank) axes")
    }
    return axes
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let element = try context.element(0)
    guard let shape = try context.knownShape(0) else {
      guard let permutation else { return [.tensor(TensorType(element, nil))] }
      return [.tensor(element, context.freshShape(rank: permutation.count))]
    }
    return [.tensor(element, try permutation(rank: shape.count).map { shape[$0] })]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    MovedContents.infer(self, context, data: [0])
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let axes = try permutation(rank: data.rank)
    let strides = data.shape.rowMajorStrides
    let shape = axes.map { data.shape[$0] }
    var mover = ElementMover(type: data.type, shape: shape)
    mover.move(
      from: data, at: 0, strides: axes.map { strides[$0] }, to: 0, strides: shape.rowMajorStrides,
      shape: shape)
    return [mover.finish()]
  }
}
