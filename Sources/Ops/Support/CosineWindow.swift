package import Diagnostics
import Glibc
package import IR
package import Tensors

/// A window that is a sum of cosines: `a0 - a1 * cos(2 pi n / N) + a2 * cos(4 pi n / N)`.
///
/// Input: `size`, a scalar. Output: a vector of that many elements; `N` is the size, or one less where not periodic.
package protocol CosineWindow: TensorOp {
  static var coefficients: [Double] { get }
  var element: ElementType { get }
  var isPeriodic: Bool { get }
  init(element: ElementType, isPeriodic: Bool)
}

extension CosineWindow {
  static func makeSchema(_ name: String) -> OpSchema {
    OpSchema(
      name, versions: [17], inputs: [.required("size", "T1")],
      outputs: [.required("output", "T2")], types: ["T1": .indices, "T2": .numeric])
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    self.init(
      element: try attributes.elementType("output_datatype") ?? .f32,
      isPeriodic: try attributes.flag("periodic", default: true))
    guard TypeSet.numeric.contains(element) else {
      throw Diagnostic("attribute.value", "output_datatype is \(element), expected a number type")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("output_datatype", Int(element.rawValue), default: 1)
      $0.flag("periodic", isPeriodic, default: true)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let size = context.contents(0)?.first.flatMap { $0.isDimension ? $0 : nil }
    return [.tensor(element, [size ?? context.freshDimension(axis: 0)])]
  }

  /// - Throws: `shape.window-size` when the size is negative or beyond 2^30.
  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let size = inputs[0].integers?.first ?? 0
    guard size >= 0, size <= 1 << 30 else {
      throw Diagnostic("shape.window-size", "size is \(size), expected 0...2^30")
    }
    let period = Double(max(isPeriodic ? size : size - 1, 1))
    let values = (0..<size).map { n in
      var sum = 0.0
      for (k, coefficient) in Self.coefficients.enumerated() {
        let sign = k % 2 == 0 ? 1.0 : -1.0
        sum += sign * coefficient * cos(2 * .pi * Double(k * n) / period)
      }
      return sum
    }
    return [Tensor(doubles: values, shape: [size], type: element)]
  }
}
