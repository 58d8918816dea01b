package import Diagnostics
package import IR
package import Tensors

/// The same elements in the same order under another shape.
///
/// - Inputs: `data` of any type; `shape`, `i64[rank]`: dimensions, where -1 (at most once) is what the element count
///   leaves and 0 copies the input's dimension, unless `allowzero`. Output: `reshaped`.
/// - Errors: `shape.reshape` when the element counts differ or the target shape is not valid.
/// - Source: ONNX Reshape-25 (versions 1 with an attribute, 5, 13, 14 with `allowzero`, 19-25 with more types).
package struct Reshape: TensorOp, ContentInferring {
  package static let schema = OpSchema(
    "Reshape", versions: [1, 5, 13, 14, 19, 21, 23, 24, 25],
    inputs: [.required("data", "T"), .required("shape", "S")],
    outputs: [.required("reshaped", "T")], types: ["T": .all, "S": .i64])

  /// Whether 0 means a dimension of no elements instead of a copied one.
  package var allowZero: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    allowZero = try attributes.flag("allowzero")
  }

  package init(allowZero: Bool = false) { self.allowZero = allowZero }

  package var attributes: Attributes { Attributes { $0.flag("allowzero", allowZero) } }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 5 else { return }
    node.attributes["consumed_inputs"] = nil
    node.moveIntsToInput("shape", 1)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let data = try context.tensorType(0)
    guard let target = context.contents(1) else {
      guard let rank = context.elementCount(1) else {
        return [.tensor(TensorType(data.element, nil))]
      }
      return [.tensor(data.element, context.freshShape(rank: rank))]
    }
    let solved = try solve(data.shape, target)
    let shape = solved.enumerated().map { axis, dimension in
      dimension ?? context.freshDimension(axis: axis)
    }
    return [.tensor(data.element, shape)]
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [context.contents(0)]
  }

  /// The output's dimensions; nil where they follow only from values that are not known yet.
  private func solve(_ data: [IndexExpr]?, _ target: [IndexExpr]) throws(Diagnostic) -> [IndexExpr?]
  {
    var result: [IndexExpr?] = []
    var inferred: Int?
    for (axis, dimension) in target.enumerated() {
      if dimension == -1 {
        guard inferred == nil else { throw invalid(data, target, "it has -1 twice") }
        inferred = axis
        result.append(nil)
      } else if dimension == 0, !allowZero {
        if let data, axis >= data.count {
          throw invalid(data, target, "it copies dimension \(axis) of rank \(data.count)")
        }
        result.append(data?[axis])
      } else if let value = dimension.value, value < 0 {
        throw invalid(data, target, "dimension \(axis) is \(value)")
      } else {
        result.append(dimension.isDimension ? dimension : nil)
      }
    }
    if let inferred, allowZero, target.contains(0) {
      throw invalid(data, target, "it has 0 beside -1 at \(inferred)")
    }
    guard let data else { return result }
    return try complete(result, inferred, data, target)
  }

  private func complete(
    _ known: [IndexExpr?], _ inferred: Int?, _ data: [IndexExpr], _ target: [IndexExpr]
  ) throws(Diagnostic) -> [IndexExpr?] {
    var result = known
    var others = known
    if let inferred { others.remove(at: inferred) }
    let dimensions = others.compactMap { $0 }
    guard dimensions.count == others.count else { return result }
    let (total, divisor) = Self.cancel(data, dimensions)
    if let inferred {
      if divisor == 0 { throw invalid(data, target, "-1 stands beside no elements") }
      if let quotient = total.exactQuotient(divisor) {
        result[inferred] = quotient
      } else if total.isConstant, divisor.isConstant {
        throw invalid(data, target, "\(total) elements do not divide by \(divisor)")
      } else {
        result[inferred] = total.floorDiv(divisor)
      }
    } else if let p = total.value, let q = divisor.value, p != q {
      throw invalid(data, target, "the counts are \(data.product) and \(dimensions.product)")
    }
    return result
  }

  /// The products of both lists without the dimensions that they share.
  private static func cancel(
    _ a: [IndexExpr], _ b: [IndexExpr]
  ) -> (IndexExpr, IndexExpr) {
    var total = a
    var rest: [IndexExpr] = []
    for dimension in b {
      if let place = total.firstIndex(of: dimension) {
        total.remove(at: place)
      } else {
        rest.append(dimension)
      }
    }
    return (total.product, rest.product)
  }

  private func invalid(
    _ data: [IndexExpr]?, _ target: [IndexExpr], _ why: String
  ) -> Diagnostic {
    let from = data.map { "\($0)" } ?? "an unknown shape"
    return Diagnostic("shape.reshape", "cannot reshape \(from) to \(target): \(why)")
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let target = inputs[1].ints.expressions
    let solved = try solve(data.shape.expressions, target).compactMap { $0?.value }
    guard solved.count == target.count, solved.checkedElementCount == data.elementCount else {
      throw invalid(data.shape.expressions, target, "the element counts differ")
    }
    return [data.reshaped(to: solved)]
  }
}
