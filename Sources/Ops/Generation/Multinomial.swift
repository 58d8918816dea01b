package import Diagnostics
import Glibc
package import IR
package import Tensors

/// Classes drawn with the probabilities that rows of unnormalised logarithms give.
///
/// - Input: `input` `[batch, classes]`. Output: `[batch, sample_size]`, classes from 0.
/// - Attributes: `sample_size` (default 1), `dtype` (`i32`, the default, or `i64`), `seed`; without a seed every run
///   draws anew.
/// - Errors: `shape.rank`, `attribute.value`, `type.element`, `shape.empty-axis`.
/// - Source: ONNX Multinomial-22 (versions 7, 22).
package struct Multinomial: TensorOp {
  package static let schema = OpSchema(
    "Multinomial", versions: [7, 22], inputs: [.required("input", "T1")],
    outputs: [.required("output", "T2")], types: ["T1": .floats, "T2": .indices])

  package let form: RandomForm
  package let sampleCount: Int

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    form = try RandomForm(&attributes)
    sampleCount = try attributes.int("sample_size", default: 1)
    guard sampleCount >= 0 else {
      throw Diagnostic(
        "attribute.value", "attribute 'sample_size' is \(sampleCount), expected at least 0")
    }
  }

  package init(sampleCount: Int = 1, form: RandomForm = RandomForm()) {
    self.sampleCount = sampleCount
    self.form = form
  }

  package var attributes: Attributes {
    Attributes {
      form.describe(in: &$0)
      $0.int("sample_size", sampleCount, default: 1)
    }
  }

  package var isDeterministic: Bool { form.seed != nil }

  private func element() throws(Diagnostic) -> ElementType {
    try form.element(default: .i32, allowed: .indices)
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let shape = try context.shape(0)
    guard shape.count == 2 else {
      throw Diagnostic(
        "shape.rank", "input has shape \(shape), expected 2 dimensions: batch and classes")
    }
    return [.tensor(try element(), [shape[0], IndexExpr(sampleCount)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard x.rank == 2 else {
      throw Diagnostic("shape.rank", "input has shape \(x.shape), expected 2 dimensions")
    }
    let classes = x.shape[1]
    guard classes > 0 else {
      throw Diagnostic("shape.empty-axis", "input has 0 classes, expected at least 1")
    }
    let logarithms = x.doubles
    var place = 0
    let drawn = try form.fill([x.shape[0], sampleCount], try element()) { generator in
      let row = logarithms[(place / sampleCount * classes)..<(place / sampleCount + 1) * classes]
      place += 1
      return Double(Self.draw(row, generator.uniform()))
    }
    return [drawn]
  }

  /// The class into whose share of the total weight the fraction `position` falls.
  private static func draw(_ row: ArraySlice<Double>, _ position: Double) -> Int {
    let greatest = row.max() ?? 0
    let weights = row.map { exp($0 - greatest) }
    var rest = position * weights.reduce(0, +)
    for (index, weight) in weights.enumerated() {
      rest -= weight
      if rest < 0 { return index }
    }
    return weights.count - 1
  }
}
