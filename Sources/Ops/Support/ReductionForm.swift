package import Diagnostics
package import IR
import Tensors

/// Which axes a reduction removes, and what is left: shared by all `Reduce…` operators.
///
/// - Source: ONNX ReduceSum-13 and the others' version 18, where axes became an input.
package struct ReductionForm: Sendable, Equatable {
  /// Whether reduced axes stay, with length 1.
  package var keepsDimensions = true
  /// Whether a missing or empty list of axes means none rather than all.
  package var emptyMeansNone = false

  package init(keepsDimensions: Bool = true, emptyMeansNone: Bool = false) {
    self.keepsDimensions = keepsDimensions
    self.emptyMeansNone = emptyMeansNone
  }

  init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    keepsDimensions = try attributes.flag("keepdims", default: true)
    emptyMeansNone = try attributes.flag("noop_with_empty_axes")
  }

  var attributes: Attributes {
    Attributes {
      $0.flag("keepdims", keepsDimensions, default: true)
      $0.flag("noop_with_empty_axes", emptyMeansNone)
    }
  }

  /// For each axis whether it is reduced.
  ///
  /// - Throws: `attribute.axis`, `attribute.repeated-axis`.
  package func reduced(_ axes: [Int]?, rank: Int) throws(Diagnostic) -> [Bool] {
    guard let axes, !axes.isEmpty else {
      return Array(repeating: !emptyMeansNone, count: rank)
    }
    var reduced = Array(repeating: false, count: rank)
    for axis in axes {
      guard axis >= -rank, axis < rank else {
        throw Diagnostic(
          "attribute.axis", "axis is \(axis), expected one in \(-rank)..<\(rank) for rank \(rank)")
      }
      let place = axis < 0 ? axis + rank : axis
      if reduced[place] {
        throw Diagnostic("attribute.repeated-axis", "axis \(axis) occurs twice among \(axes)")
      }
      reduced[place] = true
    }
    return reduced
  }

  /// The type of the result.
  ///
  /// Where the axes decide the rank and not even their number is known, the rank is not known either.
  ///
  /// - Throws: what `reduced` throws.
  package func infer(_ context: InferenceContext) throws(Diagnostic) -> ValueType {
    let type = try context.tensorType(0)
    let shape = try context.shape(0)
    let axes = context.hasInput(1) ? context.integers(1) : []
    guard let axes else {
      return .tensor(TensorType(type.element, try unknown(shape, context)))
    }
    let reduced = try reduced(axes, rank: shape.count)
    var result: [IndexExpr] = []
    for (axis, dimension) in shape.enumerated() {
      if !reduced[axis] {
        result.append(dimension)
      } else if keepsDimensions {
        result.append(1)
      }
    }
    return .tensor(type.element, result)
  }

  /// The shape when the axes are computed at run time: every dimension is fresh; nil where not even the rank is known.
  private func unknown(
    _ shape: [IndexExpr], _ context: InferenceContext
  ) throws(Diagnostic) -> [IndexExpr]? {
    var rank = shape.count
    if !keepsDimensions {
      guard let count = try context.shape(1).first?.value, count > 0, count <= rank else {
        return nil
      }
      rank -= count
    }
    return (0..<rank).map { context.freshDimension(axis: $0) }
  }

  /// The shape of the result with reduced axes kept as 1, and as it leaves the operator.
  ///
  /// - Throws: what `reduced` throws.
  func shapes(
    of input: [Int], axes: Tensor?
  ) throws(Diagnostic) -> (kept: [Int], final: [Int]) {
    let reduced = try reduced(axes?.integers, rank: input.count)
    let kept = zip(input, reduced).map { $1 ? 1 : $0 }
    let final = zip(input, reduced).filter { keepsDimensions || !$0.1 }.map { $1 ? 1 : $0 }
    return (kept, final)
  }
}
