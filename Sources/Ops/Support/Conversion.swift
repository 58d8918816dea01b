import Diagnostics
package import Tensors

/// Conversion between element types as the standard's Cast does it.
package struct Conversion {
  /// How values between two powers of two are brought to `f8e8m0`.
  package enum PowerRounding: String {
    case up
    case down
    case nearest
  }

  package var target: ElementType
  /// Whether what lies outside an 8-bit float's range becomes its largest value rather than NaN or infinity.
  package var saturates = true
  package var powerRounding = PowerRounding.up

  package init(
    target: ElementType, saturates: Bool = true, powerRounding: PowerRounding = .up
  ) {
    self.target = target
    self.saturates = saturates
    self.powerRounding = powerRounding
  }

  /// - Throws: `run.not-a-number` when a string does not spell a number.
  func apply(_ tensor: Tensor) throws(Diagnostic) -> Tensor {
    if tensor.type == target { return tensor }
    if tensor.type == .string { return try parse(tensor) }
    if target == .string {
      return Tensor(strings: Self.spell(tensor), shape: tensor.shape)
    }
    if target == .f8e8m0 {
      let codes = tensor.doubles.map(powerOfTwo)
      return Tensor(codes: codes, shape: tensor.shape, type: target)
    }
    if target.isSmallFloat {
      return Tensor(
        smallFloats: tensor.doubles, shape: tensor.shape, type: target, saturating: saturates)
    }
    return tensor.converted(to: target)
  }

  /// The code of the power of two that `value` rounds to; NaN's code for what has none.
  ///
  /// Source: ONNX Cast-24, the table for FLOAT8E8M0; OCP Microscaling Formats 1.0, section 5.4.1.
  private func powerOfTwo(_ value: Double) -> UInt8 {
    let nan: UInt8 = 0xff
    let largest = 0xfe
    if value.isNaN { return nan }
    let magnitude = value.magnitude
    if magnitude == 0 { return saturates ? 0 : nan }
    if magnitude.isInfinite { return saturates ? UInt8(largest) : nan }
    let significand = magnitude.significand
    let raises =
      switch powerRounding {
      case .up: significand > 1
      case .down: false
      case .nearest: significand >= 1.5
      }
    let code = Int(magnitude.exponent) + 127 + (raises ? 1 : 0)
    if (0...largest).contains(code) { return UInt8(code) }
    return saturates ? UInt8(Swift.min(Swift.max(code, 0), largest)) : nan
  }

  private func parse(_ tensor: Tensor) throws(Diagnostic) -> Tensor {
    if target.isInteger || target == .bool {
      var values: [Int] = []
      for text in tensor.strings { values.append(try Self.integer(text, target)) }
      return Tensor(integers: values, shape: tensor.shape, type: .i64).converted(to: target)
    }
    var values: [Double] = []
    for text in tensor.strings { values.append(try number(text)) }
    return try Conversion(target: target, saturates: saturates, powerRounding: powerRounding)
      .apply(Tensor(values, shape: tensor.shape))
  }

  private static func integer(_ text: String, _ target: ElementType) throws(Diagnostic) -> Int {
    if let value = Int(text) { return value }
    if let value = UInt(text) { return Int(bitPattern: value) }
    guard let value = Double(text), let whole = Int(exactly: value.rounded(.towardZero)) else {
      throw unspelled(text, target)
    }
    return whole
  }

  /// The nearest number of the target's precision that `text` spells.
  private func number(_ text: String) throws(Diagnostic) -> Double {
    switch text.lowercased() {
    case "inf", "+inf": return .infinity
    case "-inf": return -.infinity
    case "nan": return .nan
    default: break
    }
    let parsed: Double? =
      switch target {
      case .f32: Float(text).map { Double($0) }
      case .f16: Float16(text).map { Double($0) }
      default: Double(text)
      }
    guard let parsed else { throw Self.unspelled(text, target) }
    return parsed
  }

  private static func unspelled(_ text: String, _ target: ElementType) -> Diagnostic {
    Diagnostic(
      "run.not-a-number", "string '\(text)' cannot be cast to \(target), expected a number")
  }

  /// Every element as text: the shortest decimal that reads back as the same number.
  private static func spell(_ tensor: Tensor) -> [String] {
    switch tensor.type {
    case .f32: tensor.array(of: Float.self).map(\.description)
    case .f16: tensor.array(of: Float16.self).map { Float($0).description }
    case .u64: tensor.array(of: UInt64.self).map(\.description)
    case .bool: tensor.array(of: Bool.self).map { $0 ? "True" : "False" }
    default:
      if let integers = tensor.integers {
        integers.map(\.description)
      } else {
        tensor.doubles.map(\.description)
      }
    }
  }
}
