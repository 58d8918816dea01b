package import Tensors

/// How the numbers of one tensor become integers: `q = clamp(round_half_even(x / scale) + zero_point)`.
///
/// The real number that `q` stands for is `(q - zero_point) * scale`. Zero is always exact, as padding needs it to be.
///
/// Source: Jacob et al. 2018, arXiv:1712.05877, section 2.1; ONNX QuantizeLinear-25.
package struct QuantizationParameters: Sendable, Hashable {
  /// `u8`, `i8`, or `i16` for activations that 8 bits are too few for.
  package var type: ElementType
  /// The axis along which scales vary; nil where one holds for the whole tensor.
  package var axis: Int?
  /// One, or one per place along the axis.
  package var scales: [Float]
  /// As many as scales, each within the type's range.
  package var zeroPoints: [Int]

  package init(type: ElementType, axis: Int? = nil, scales: [Float], zeroPoints: [Int]) {
    self.type = type
    self.axis = axis
    self.scales = scales
    self.zeroPoints = zeroPoints
  }

  /// The integers of the type.
  package var integers: ClosedRange<Int> {
    switch type {
    case .u8: 0...255
    case .i16: -32768...32767
    default: -128...127
    }
  }

  /// Parameters for one range of a whole tensor, which is widened to hold zero.
  ///
  /// Asymmetric `u8` spans the range with 255 steps; symmetric `i8` spans twice its larger end with 254, `i16` with 65534.
  package init(low: Double, high: Double, type: ElementType) {
    let low = min(low, 0)
    let high = max(high, 0)
    if type != .u8 {
      let largest = type == .i8 ? 127.0 : 32767
      self.init(type: type, scales: [Self.scale(max(-low, high) / largest)], zeroPoints: [0])
    } else {
      let scale = Self.scale((high - low) / 255)
      let zero = (-low / Double(scale)).rounded(.toNearestOrEven)
      self.init(type: type, scales: [scale], zeroPoints: [Int(min(max(zero, 0), 255))])
    }
  }

  /// The least scale: below it, quotients overflow and runtimes flush to zero.
  package static let leastScale = 0x1p-100

  /// A usable scale; 1 for a tensor of zeros.
  package static func scale(_ wanted: Double) -> Float {
    guard wanted.isFinite, wanted > 0 else { return 1 }
    return Float(max(wanted, leastScale))
  }

  /// The real numbers that the integers of a whole tensor reach.
  package var range: (low: Double, high: Double) {
    let scale = Double(scales[0])
    return (
      Double(integers.lowerBound - zeroPoints[0]) * scale,
      Double(integers.upperBound - zeroPoints[0]) * scale
    )
  }

  /// The scales as a tensor: a scalar, or a vector along the axis.
  package var scaleTensor: Tensor { Tensor(scales, shape: axis == nil ? [] : [scales.count]) }

  /// The zero points as a tensor of the quantized type, shaped like the scales.
  package var zeroPointTensor: Tensor {
    Tensor(integers: zeroPoints, shape: axis == nil ? [] : [zeroPoints.count], type: type)
  }
}
