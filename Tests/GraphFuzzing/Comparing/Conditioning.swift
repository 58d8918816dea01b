package import IR
import Tensors
import TestSupport

/// How far the results of a graph move when every number in it moves as far as rounding may move it.
///
/// An engine that computes each operator well gives what the operator would give exactly for operands, and up to results,
/// that are off by a few units in the last place. So the graph is run again and again with every float so much off,
/// operands and results of each node, the signs of zeros at random; what the outputs then differ by, engines may differ by.
/// An output that jumps (an integer after a rounding, a sign, a place in an order) cannot be compared where it does.
package struct Conditioning {
  /// For each output and element the largest distance to the undisturbed result; nil where shapes or kinds change, or where
  /// a disturbed run fails.
  private var spreads: [[Double]?]
  private let graph: Graph
  private let inputs: [Value]
  private let expected: [Value]
  private var random: SplitMix
  private(set) var runs = 0

  /// - Parameters:
  ///   - graph: the graph whose evaluation is the reference.
  ///   - expected: its outputs.
  package init(_ graph: Graph, _ inputs: [Value], _ expected: [Value]) {
    self.graph = graph
    self.inputs = inputs
    self.expected = expected
    random = SplitMix(seed: 1)
    spreads = expected.map { value in
      value.tensor.map { Array(repeating: 0, count: $0.elementCount) }
    }
  }

  /// What may lie between two good results of one element; infinite where nothing can be said.
  package func allowance(output: Int, element: Int) -> Double {
    guard let spread = spreads[output] else { return .infinity }
    return Self.safety * spread[element]
  }

  /// Whether rounding decides the shape of an output, or whether there is one.
  package func isOpen(output: Int) -> Bool { spreads[output] == nil }

  /// Random signs cancel in part: the largest of many runs may fall short of the worst case by so much.
  private static let safety = 8.0

  /// Runs the disturbed graph some more times.
  package mutating func observe(_ count: Int) {
    for _ in 0..<count {
      runs += 1
      guard let found = try? disturbedOutputs() else {
        spreads = spreads.map { _ in nil }
        return
      }
      for (number, (value, reference)) in zip(found, expected).enumerated() {
        note(value.tensor, reference.tensor, number)
      }
    }
  }

  private mutating func note(_ found: Tensor?, _ reference: Tensor?, _ number: Int) {
    guard let found, let reference, found.shape == reference.shape, found.type != .string else {
      spreads[number] = nil
      return
    }
    let a = found.doubles
    let b = reference.doubles
    for index in a.indices where a[index] != b[index] && !(a[index].isNaN && b[index].isNaN) {
      let distance = (a[index] - b[index]).magnitude
      let largest = max(spreads[number]?[index] ?? 0, distance.isNaN ? .infinity : distance)
      spreads[number]?[index] = largest
    }
  }

  private mutating func disturbedOutputs() throws -> [Value] {
    var values: [ValueID: Value] = [:]
    for (id, value) in zip(graph.inputs, inputs) { values[id] = value }
    for id in graph.nodeIDs {
      let node = graph[id]
      let operands = node.inputs.map { input -> Value? in
        guard let input else { return nil }
        return graph.constant(input).map { .tensor($0) } ?? values[input]
      }.map { $0.map { disturbed($0, by: node.opName) } }
      let results = try node.op.evaluate(operands, outputCount: node.outputs.count)
      for (output, result) in zip(node.outputs, results) {
        if let output { values[output] = disturbed(result, by: node.opName) }
      }
    }
    return graph.outputs.map { id in
      graph.constant(id).map { .tensor($0) } ?? values[id] ?? .optional(nil)
    }
  }

  private mutating func disturbed(_ value: Value, by op: String) -> Value {
    guard let tensor = value.tensor, let relative = Self.relativeError(tensor.type) else {
      return value
    }
    let numbers = tensor.doubles
    var absolute = Self.approximations.contains(op) ? Self.absoluteError : 0
    if Self.transforms.contains(op) {
      absolute = relative * (numbers.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0)
    }
    let vanishes = Self.vanishing.contains(op)
    let values = numbers.map { x -> Double in
      if vanishes, x.magnitude < 0x1p-126 { return random.below(2) == 0 ? x : 0 }
      if x == 0, absolute == 0 { return random.below(2) == 0 ? 0.0 : -0.0 }
      guard x.isFinite else { return x }
      let signs = random.next()
      return x + (signs & 1 == 0 ? relative : -relative) * x.magnitude
        + (signs & 2 == 0 ? absolute : -absolute)
    }
    return .tensor(Tensor(doubles: values, shape: tensor.shape, type: tensor.type))
  }

  /// Four units in the last place of f32 and f64, two of the 16-bit types, whose operators round once.
  private static func relativeError(_ type: ElementType) -> Double? {
    switch type {
    case .f64: 0x1p-50
    case .f32: 0x1p-21
    case .f16: 0x1p-10
    case .bf16: 0x1p-7
    default: nil
    }
  }

  /// Functions that are approximated with an absolute error (docs/numerics.md): rational functions for tanh and erf, and
  /// differences of a power of e and 1.
  private static let approximations: Set<String> = [
    "Tanh", "Erf", "Gelu", "Elu", "Celu", "Selu", "Mish", "GRU", "LSTM", "RNN", "martlet.Fused",
    "Attention",
  ]
  private static let absoluteError = 4e-7

  /// Shares of a sum of powers of e, of which those below the least normal number may be 0 (docs/numerics.md).
  private static let vanishing: Set<String> = [
    "Softmax", "ai.onnx.ml.LinearRegressor", "ai.onnx.ml.LinearClassifier",
    "ai.onnx.ml.SVMRegressor", "ai.onnx.ml.SVMClassifier", "ai.onnx.ml.TreeEnsembleClassifier",
    "ai.onnx.ml.TreeEnsembleRegressor",
  ]

  /// Operators whose coefficients are rounded themselves: results are off by a share of the largest.
  private static let transforms: Set<String> = [
    "DFT", "STFT", "AffineGrid", "Resize", "GridSample", "HannWindow", "HammingWindow",
    "BlackmanWindow",
  ]
}
