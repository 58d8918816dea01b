/// How far a result may lie from its reference, by name and with a stated meaning.
public enum Tolerance: Sendable, Hashable {
  /// Bit for bit (NaN equals NaN).
  case exact
  /// At most `n` representable values of the element type apart.
  case ulp(Int)
  /// `|a - b| <= relative * |b| + absolute`, per element.
  case close(relative: Double, absolute: Double)
  /// `|a - b| <= relative * |b| + fraction * max|b|`: the agreement line for whole networks.
  case network(relative: Double, ofLargest: Double)
  /// At most `steps` quantization steps apart, for integer outputs.
  case quantized(steps: Int)

  /// Agreement of whole float networks between engines: rtol 1e-3, atol 1e-4 of the largest output.
  public static let wholeNetwork = Tolerance.network(relative: 1e-3, ofLargest: 1e-4)

  /// Agreement of whole networks whose convolutions multiply bf16 (docs/numerics.md): four times what five networks were
  /// measured to be off at most.
  public static let wholeRoundedNetwork = Tolerance.network(relative: 1e-2, ofLargest: 2e-2)

  /// One operator against its reference, by element type: a few units in the last place of a sum of terms.
  public static func oneOperator(_ type: ElementType) -> Tolerance {
    switch type {
    case .f64: .close(relative: 1e-7, absolute: 1e-9)
    case .f32: .close(relative: 1e-4, absolute: 1e-5)
    case .f16: .close(relative: 2e-3, absolute: 1e-3)
    case .bf16: .close(relative: 1.6e-2, absolute: 8e-3)
    default: .exact
    }
  }
}

/// What comparing two tensors found.
public struct Comparison: Sendable {
  /// Nil when they agree; otherwise one sentence with shape, position and both values.
  public var mismatch: String?
  public var largestAbsoluteError: Double
  public var largestRelativeError: Double

  public var agrees: Bool { mismatch == nil }
}

extension Tolerance {
  /// Compares `actual` with `expected` element by element.
  public func compare(_ actual: Tensor, _ expected: Tensor) -> Comparison {
    var result = Comparison(mismatch: nil, largestAbsoluteError: 0, largestRelativeError: 0)
    guard actual.type == expected.type, actual.shape == expected.shape else {
      result.mismatch =
        "found \(actual.type)\(actual.shape), expected \(expected.type)\(expected.shape)"
      return result
    }
    if actual.type == .string {
      if actual.strings != expected.strings { result.mismatch = "strings differ" }
      return result
    }
    if self == .exact || actual.type.isComplex { return compareBits(actual, expected) }
    let a = actual.doubles
    let b = expected.doubles
    let largest = b.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
    for index in a.indices {
      let error = (a[index] - b[index]).magnitude
      if a[index] == b[index] || (a[index].isNaN && b[index].isNaN) { continue }
      result.largestAbsoluteError = max(result.largestAbsoluteError, error)
      if b[index] != 0 {
        result.largestRelativeError = max(result.largestRelativeError, error / b[index].magnitude)
      }
      if result.mismatch == nil, !(error <= bound(at: b[index], largest, actual.type)) {
        result.mismatch =
          "element \(index) of \(actual.type)\(actual.shape): found \(a[index]), expected \(b[index])"
      }
    }
    return result
  }

  private func bound(at expected: Double, _ largest: Double, _ type: ElementType) -> Double {
    switch self {
    case .exact: 0
    case .ulp(let n): Double(n) * unit(at: expected, type)
    case .close(let relative, let absolute): relative * expected.magnitude + absolute
    case .network(let relative, let fraction): relative * expected.magnitude + fraction * largest
    case .quantized(let steps): Double(steps)
    }
  }

  private func unit(at value: Double, _ type: ElementType) -> Double {
    switch type {
    case .f32: Double(Float(value).ulp)
    case .f16: Double(Float16(value).ulp)
    case .bf16: Double(Float(value).ulp) * 65536
    case .f64: value.ulp
    default: 1
    }
  }

  private func compareBits(_ actual: Tensor, _ expected: Tensor) -> Comparison {
    var result = Comparison(mismatch: nil, largestAbsoluteError: 0, largestRelativeError: 0)
    let same = actual.withBytes { a in expected.withBytes { b in a.elementsEqual(b) } }
    if same { return result }
    let a = actual.doubles
    let b = expected.doubles
    for index in a.indices where a[index] != b[index] && !(a[index].isNaN && b[index].isNaN) {
      let error = (a[index] - b[index]).magnitude
      result.largestAbsoluteError = max(result.largestAbsoluteError, error)
      if result.mismatch == nil {
        result.mismatch =
          "element \(index) of \(actual.type)\(actual.shape): found \(a[index]), expected \(b[index])"
      }
    }
    if a.isEmpty { result.mismatch = "bytes of \(actual.type)\(actual.shape) differ" }
    return result
  }
}
