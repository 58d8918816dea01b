import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// Division by a scale, moved through operators that keep factors into what can take it in.
struct ScaleFold {
  let scale: Float
  /// The node before which copies go.
  let place: NodeID

  /// Deeper trees stay as they are.
  private static let deepest = 16

  init(scale: Float, before place: NodeID) {
    self.scale = scale
    self.place = place
  }

  /// Whether all that a value is computed from can take the scale in, and nobody else reads it on the way.
  func isPossible(_ value: ValueID?, _ rw: Rewriter, depth: Int = 0) -> Bool {
    guard let value, depth < Self.deepest else { return false }
    if isLeaf(value, rw) { return true }
    guard rw.hasOneUse(value), let id = rw.graph.producer(of: value) else { return false }
    let node = rw.graph[id]
    return Self.scaledInputs(of: node, rw)?.allSatisfy {
      isPossible(node.inputs[$0], rw, depth: depth + 1)
    } ?? false
  }

  /// The value divided by the scale.
  ///
  /// - Precondition: `isPossible`.
  mutating func apply(_ value: ValueID, _ rw: inout Rewriter) throws(Diagnostic) -> ValueID {
    let name = rw.graph[value].name + ".scaled"
    if let tensor = rw.constant(value) {
      let values = tensor.array(of: Float.self).map { $0 / scale }
      return rw.makeConstant(Tensor(values, shape: tensor.shape), name: name)
    }
    guard let id = rw.graph.producer(of: value) else {
      throw .internal("quantization.fold", "an input of the graph takes no scale in")
    }
    var inputs = rw.graph[id].inputs
    let node = rw.graph[id]
    if node.op is DequantizeLinear {
      inputs[1] = try inputs[1].map { input throws(Diagnostic) in try apply(input, &rw) }
    } else if node.op is any MultipliedIntegerLayer {
      inputs[4] = try inputs[4].map { input throws(Diagnostic) in try apply(input, &rw) }
    } else {
      for index in Self.scaledInputs(of: node, rw) ?? [] {
        inputs[index] = try inputs[index].map { input throws(Diagnostic) in
          try apply(input, &rw)
        }
      }
    }
    return try rw.insert(node.op, inputs: inputs, before: place, name: name)
  }

  private func isLeaf(_ value: ValueID, _ rw: Rewriter) -> Bool {
    if let tensor = rw.constant(value) { return tensor.type == .f32 }
    if let source = Dequantized(value, rw) { return source.parameters.isPerTensor }
    guard rw.hasOneUse(value), let id = rw.graph.producer(of: value) else { return false }
    let node = rw.graph[id]
    return node.op is any MultipliedIntegerLayer && rw.constant(node.inputs[4]) != nil
  }

  /// The inputs that have to be divided for the result to be; nil where that is not how the operator works.
  private static func scaledInputs(of node: Node, _ rw: Rewriter) -> [Int]? {
    switch node.op {
    case is Relu, is LeakyRelu, is PRelu, is Abs, is Neg: [0]
    case is Add, is Sub, is Min, is Max, is Sum: Array(node.inputs.indices)
    case is Clip: node.inputs.indices.filter { node.inputs[$0] != nil }
    case is Mul: constantFactor(node, rw).map { [$0] }
    default: nil
    }
  }

  /// Of two factors the constant one.
  private static func constantFactor(_ node: Node, _ rw: Rewriter) -> Int? {
    node.inputs.indices.first { rw.constant(node.inputs[$0])?.type == .f32 }
  }
}
