package import Diagnostics
import Glibc
package import IR
package import Tensors

/// `Y = X / (bias + alpha / size * sum(X^2))^beta`, the sum over `size` neighbouring channels.
///
/// - Input: `X` `[N, C, D1...Dn]`. Output: same shape and type.
/// - Errors: `shape.rank`, `attribute.value`.
/// - Source: ONNX LRN-13 (versions 1, 13); Krizhevsky et al. 2012, section 3.3.
package struct LRN: TensorOp {
  package static let schema = OpSchema(
    "LRN", versions: [1, 13], inputs: [.required("X", "T")], outputs: [.required("Y", "T")],
    types: ["T": .floats])

  package var size: Int
  package var alpha: Double
  package var beta: Double
  package var bias: Double

  private static let standardAlpha = Double(Float(1e-4))

  package init(
    size: Int, alpha: Double = Double(Float(1e-4)), beta: Double = 0.75, bias: Double = 1
  ) {
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.bias = bias
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    size = try attributes.requiredInt("size")
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    beta = try attributes.float("beta", default: 0.75)
    bias = try attributes.float("bias", default: 1)
    guard size >= 1, size <= Int(Int32.max) else {
      throw Diagnostic("attribute.value", "size is \(size), expected one in 1...\(Int32.max)")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("size", size)
      $0.float("alpha", alpha, default: Self.standardAlpha)
      $0.float("beta", beta, default: 0.75)
      $0.float("bias", bias, default: 1)
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let rank = try context.shape(0).count
    guard rank >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(rank), expected at least 2")
    }
    return [.tensor(try context.tensorType(0))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    guard x.rank >= 2 else {
      throw Diagnostic("shape.rank", "input has rank \(x.rank), expected at least 2")
    }
    var values = x.doubles
    let channels = x.shape[1]
    AxisSplit(x.shape, axis: 1).mapLanes(&values) { lane in
      let squares = lane.map { $0 * $0 }
      for c in 0..<channels {
        let low = max(0, c - (size - 1) / 2)
        let high = min(channels - 1, c + size / 2)
        let sum = squares[low...high].reduce(0, +)
        lane[c] /= pow(bias + alpha / Double(size) * sum, beta)
      }
    }
    return [Tensor(doubles: values, shape: x.shape, type: x.type)]
  }
}
