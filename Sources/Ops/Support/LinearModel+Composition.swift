import Diagnostics
import IR
import Tensors

/// Weighted sums as one matrix product.
extension LinearModel {
  /// The scores of every sample as operators, `[N, scores]` of f32, or of f64 where f32 does not hold the input's numbers.
  ///
  ///     %scores = Gemm(%x, %coefficients, %intercepts) {transB = 1}
  ///
  /// - Returns: nil where the columns are not known, or the coefficients do not fit them.
  func compose(_ input: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID? {
    guard let columns = try graph.shape(input).last?.value, columns > 0, !coefficients.isEmpty,
      coefficients.count % columns == 0
    else { return nil }
    let count = coefficients.count / columns
    guard intercepts.map({ $0.count == count }) ?? true else { return nil }
    let (x, element) = try graph.samples(input)
    let weights = Tensor(doubles: coefficients, shape: [count, columns], type: element)
    let bias = intercepts.map { Tensor(doubles: $0, shape: [count], type: element) }
    return try graph.add(
      Gemm(transB: true), x, graph.constant(weights), bias.map { graph.constant($0) })
  }
}

extension Composer {
  /// A table of samples as floats, `[N, C]`, where a vector is one sample.
  mutating func samples(
    _ input: ValueID
  ) throws(Diagnostic) -> (table: ValueID, element: ElementType) {
    let (x, element) = try floats(input)
    guard try shape(input).count == 1 else { return (x, element) }
    return (try add(Unsqueeze(), x, integers([0])), element)
  }

  /// Numbers as f32 where that holds them all, else as f64.
  mutating func floats(
    _ input: ValueID
  ) throws(Diagnostic) -> (value: ValueID, element: ElementType) {
    let given = type(input)?.element ?? .f64
    let isNarrow = [.f32, .f16, .bf16, .i8, .u8, .i16, .u16, .bool].contains(given)
    let element: ElementType = isNarrow ? .f32 : .f64
    return (given == element ? input : try add(Cast(to: element), input), element)
  }

  /// The same numbers as f32.
  mutating func single(_ value: ValueID) throws(Diagnostic) -> ValueID {
    type(value)?.element == .f32 ? value : try add(Cast(to: .f32), value)
  }
}
