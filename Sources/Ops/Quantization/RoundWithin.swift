package import Diagnostics
package import IR
package import Tensors

/// `y = min(max(round_half_even(x), low), high)`, NaN giving `low`: the integers of RoundToInteger less their zero point,
/// as the floats that they are: zero is positive.
///
/// - Input: `x` of any shape, f32. Output: `y`, same shape and type.
/// - Attributes: `low` and `high`, whole numbers.
/// - Source: Martlet's own.
package struct RoundWithin: TensorOp, Elementwise {
  package static let schema = OpSchema(
    "RoundWithin", domain: "martlet", versions: [1], inputs: [.required("x", "T")],
    outputs: [.required("y", "T")], types: ["T": [.f32]])

  package let low: Int
  package let high: Int

  package init(low: Int, high: Int) {
    self.low = low
    self.high = high
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    low = try attributes.requiredInt("low")
    high = try attributes.requiredInt("high")
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("low", low)
      $0.int("high", high)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let y = inputs[0].array(of: Float.self).map { x in
      // Adding zero takes its sign away.
      x.isNaN ? Float(low) : min(max(x.rounded(.toNearestOrEven), Float(low)), Float(high)) + 0
    }
    return [Tensor(y, shape: inputs[0].shape)]
  }
}
