package import Diagnostics
package import IR
package import Tensors

/// `output = data` in inference; in training `output = data * mask / (1 - ratio)`, where each element of the mask is
/// true with probability `1 - ratio`.
///
/// Srivastava et al. 2014, JMLR 15(56). With a seed the mask is the one that the standard's reference draws.
///
/// - Inputs: `data` of any shape and floating-point type; optional scalars `ratio` (default 0.5) and `training_mode`
///   (default false). Outputs: `output` like `data`; optional `mask`, booleans of the same shape, all true in inference.
/// - Attributes: `seed`.
/// - Errors: `run.dropout-ratio` when the ratio is not in `0..<1`.
/// - Source: ONNX Dropout-22 (versions 1, 6, 7, 10, 12, 13, 22; before 12 always in inference).
package struct Dropout: TensorOp {
  package static let schema = OpSchema(
    "Dropout", versions: [1, 6, 7, 10, 12, 13, 22],
    inputs: [.required("data", "T"), .optional("ratio", "T1"), .optional("training_mode", "T2")],
    outputs: [.required("output", "T"), .optional("mask", "")],
    types: ["T": .floatsAndFloat8, "T1": .floatsAndFloat8, "T2": .bool])

  package let seed: Int?
  /// Whether there is an input that can ask for training.
  package let mayTrain: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    seed = try attributes.optionalInt("seed")
    mayTrain = attributes.inputCount > 2
  }

  package init(seed: Int? = nil, mayTrain: Bool = true) {
    self.seed = seed
    self.mayTrain = mayTrain
  }

  package var attributes: Attributes { Attributes { $0.int("seed", seed) } }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 12 else { return }
    for name in ["ratio", "is_test", "consumed_inputs"] { node.attributes[name] = nil }
  }

  /// Inference draws nothing; whether a node that may train does is only known with its inputs.
  package var isDeterministic: Bool { seed != nil || !mayTrain }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let type = try context.tensorType(0)
    return [.tensor(type), .tensor(TensorType(.bool, type.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let data = inputs[0]
    let ratio = inputs.optional(1)?.doubles.first ?? 0.5
    let trains = inputs.optional(2)?.integers?.first ?? 0 != 0
    guard trains, ratio != 0 else {
      let all = Array(repeating: true, count: data.elementCount)
      return [data, Tensor(all, shape: data.shape)]
    }
    guard ratio > 0, ratio < 1 else {
      throw Diagnostic("run.dropout-ratio", "ratio is \(ratio), expected at least 0 and below 1")
    }
    var generator = MersenneTwister(seed: seed.map { Double($0) })
    let mask = (0..<data.elementCount).map { _ in generator.uniform() >= ratio }
    let scale = 1 / (1 - ratio)
    let kept = zip(data.doubles, mask).map { $1 ? $0 * scale : $0 * 0 }
    return [
      Tensor(doubles: kept, shape: data.shape, type: data.type), Tensor(mask, shape: data.shape),
    ]
  }
}
