import Diagnostics
import Tensors

/// How scales and zero points of a quantized tensor are laid over its elements: one for all, one per place along an
/// axis, or one per block of places along an axis.
///
/// Source: ONNX QuantizeLinear-25, "quantization granularities".
package struct QuantizationGrid: Sendable, Equatable {
  package var axis = 1
  /// Elements along the axis that share a scale; 0 where scales are per tensor or per axis.
  package var blockSize = 0

  package init(axis: Int = 1, blockSize: Int = 0) {
    self.axis = axis
    self.blockSize = blockSize
  }

  /// Checks that the shape of the scale fits the tensor's, as far as both are numbers.
  ///
  /// - Throws: `attribute.axis`, `shape.scale`, `attribute.block-size`.
  func check(_ shape: [IndexExpr], scale: [IndexExpr]) throws(Diagnostic) {
    if scale.isEmpty { return }
    if blockSize == 0 {
      guard scale.count == 1 else { throw misfit(shape.description, scale.description) }
      if scale[0] == 1 { return }
      let length = shape.isEmpty ? 1 : shape[try place(rank: shape.count)]
      if let a = length.value, let b = scale[0].value, a != b {
        throw misfit(shape.description, scale.description)
      }
      return
    }
    guard scale.count == shape.count else { throw misfit(shape.description, scale.description) }
    let axis = try place(rank: shape.count)
    for index in shape.indices {
      guard let length = shape[index].value, let count = scale[index].value else { continue }
      let expected = index == axis && length > 0 ? (length - 1) / blockSize + 1 : length
      if count != expected { throw misfit(shape.description, scale.description) }
    }
  }

  private func place(rank: Int) throws(Diagnostic) -> Int {
    // A vector has one axis, whatever the attribute says.
    if rank == 1 { return 0 }
    guard axis >= -rank, axis < rank else {
      throw Diagnostic(
        "attribute.axis", "axis is \(axis), expected one in \(-rank)..<\(rank) for rank \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  private func misfit(_ shape: String, _ scale: String) -> Diagnostic {
    Diagnostic(
      "shape.scale",
      "scale of shape \(scale) does not fit a tensor of shape \(shape) with axis \(axis) and block size \(blockSize)"
    )
  }

  /// A view of a tensor's shape, and a scale or zero point in a shape that broadcasts to it.
  ///
  /// - Throws: what `check` throws.
  func align(
    _ parameter: Tensor, with shape: [Int]
  ) throws(Diagnostic) -> (shape: [Int], parameter: Tensor) {
    try check(shape.map { IndexExpr($0) }, scale: parameter.shape.map { IndexExpr($0) })
    if parameter.elementCount == 1 { return (shape, parameter.reshaped(to: [])) }
    let axis = try place(rank: shape.count)
    let before = shape[..<axis]
    let after = shape[(axis + 1)...]
    if blockSize == 0 {
      let ones = Array(repeating: 1, count: after.count)
      return (shape, parameter.reshaped(to: parameter.shape + ones))
    }
    let blocks = parameter.shape[axis]
    if blocks * blockSize == shape[axis] {
      return (
        before + [blocks, blockSize] + after, parameter.reshaped(to: before + [blocks, 1] + after)
      )
    }
    return (shape, spread(parameter, shape, axis))
  }

  /// One scale or zero point per element, for blocks of which the last is shorter.
  private func spread(_ parameter: Tensor, _ shape: [Int], _ axis: Int) -> Tensor {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let length = shape[axis]
    let blocks = parameter.shape[axis]
    let values = parameter.doubles
    let spread = (0..<shape.elementCount).map { index in
      let outer = index / (inner * length)
      return values[
        (outer * blocks + index / inner % length / blockSize) * inner + index % inner]
    }
    return Tensor(doubles: spread, shape: shape, type: parameter.type)
  }
}
