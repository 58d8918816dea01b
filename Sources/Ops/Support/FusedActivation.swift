import Diagnostics
import IR
import Tensors

/// The function that onnxruntime has put behind a layer, and its numbers.
///
/// Source: onnxruntime 1.22, `FusedConv` and `FusedGemm`.
struct FusedActivation: Sendable {
  /// The operator's name; empty for none.
  let name: String
  /// Its numbers, in the order of the operator's attributes.
  let numbers: [Double]

  private static let names = [
    "", "Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid", "Elu", "Softplus",
    "Softsign", "ThresholdedRelu",
  ]

  /// - Throws: `attribute.value` for other functions, `attribute.length` where numbers are missing.
  init(name: String, numbers: [Double]) throws(Diagnostic) {
    guard Self.names.contains(name) else {
      throw Diagnostic(
        "attribute.value",
        "activation is '\(name)', expected one of \(Self.names.dropFirst().joined(separator: ", "))"
      )
    }
    let expected = ["Clip", "HardSigmoid"].contains(name) ? 2 : name == "LeakyRelu" ? 1 : 0
    guard numbers.count >= expected else {
      throw Diagnostic(
        "attribute.length", "activation \(name) has \(numbers.count) numbers, expected \(expected)")
    }
    self.name = name
    self.numbers = numbers
  }

  /// The function of a value.
  func compose(_ x: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    let element = graph.type(x)?.element ?? .f32
    switch name {
    case "Relu": return try graph.add(Relu(), x)
    case "Tanh": return try graph.add(Tanh(), x)
    case "Sigmoid": return try graph.add(Sigmoid(), x)
    case "Softplus": return try graph.add(Softplus(), x)
    case "Softsign": return try graph.add(Softsign(), x)
    case "LeakyRelu": return try graph.add(LeakyRelu(alpha: numbers[0]), x)
    case "Elu": return try graph.add(Elu(alpha: numbers.first ?? 1), x)
    case "ThresholdedRelu":
      return try graph.add(ThresholdedRelu(alpha: numbers.first ?? 1), x)
    case "HardSigmoid":
      return try graph.add(HardSigmoid(alpha: numbers[0], beta: numbers[1]), x)
    case "Clip":
      let (low, high) = (graph.scalar(numbers[0], element), graph.scalar(numbers[1], element))
      return try graph.add(Clip(), x, low, high)
    default: return x
    }
  }
}
