import Diagnostics
import IR
import Tensors

/// Refuses shapes whose sizes no machine can hold, before anything multiplies them.
enum ShapeLimits {
  /// The most bytes that one value may take, dimensions of size zero counted as one.
  static let largestByteCount = 1 << 46

  /// The bytes of a tensor.
  ///
  /// - Throws: `shape.negative` and `shape.overflow`.
  static func byteCount(
    _ type: ElementType, _ shape: [Int], _ what: @autoclosure () -> String
  ) throws(Diagnostic) -> Int {
    if let negative = shape.first(where: { $0 < 0 }) {
      throw Diagnostic(
        "shape.negative",
        "\(what()) has dimension \(negative) in shape \(shape), expected 0 or more")
    }
    // With every factor at least 1, strides are bounded by the product and cannot overflow either.
    let product = shape.map { max($0, 1) }.checkedElementCount
    guard let product, product <= largestByteCount / max(type.bitWidth / 8, 1) else {
      throw Diagnostic(
        "shape.overflow",
        "\(what()) of \(type) with shape \(shape) is larger than \(largestByteCount) bytes")
    }
    return type.byteCount(of: shape.elementCount)
  }

  /// Checks the dimensions that are numbers.
  static func check(_ type: TensorType, _ what: @autoclosure () -> String) throws(Diagnostic) {
    guard let shape = type.shape else { return }
    _ = try byteCount(type.element, shape.compactMap(\.value), what())
  }
}
