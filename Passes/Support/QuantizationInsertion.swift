import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// Puts the pairs of a plan before the nodes that read them, each value's pair once.
struct QuantizationInsertion {
  private let integerNodes: Set<String>
  private let parameters: [String: QuantizationParameters]
  /// The dequantized form of every value that has one.
  private var dequantized: [ValueID: ValueID] = [:]

  init(_ plan: QuantizationPlan) {
    integerNodes = plan.integerNodes
    parameters = plan.parameters
  }

  /// Makes a node read quantized operands, if the plan says so.
  mutating func quantize(_ id: NodeID, _ rw: inout Rewriter) throws(Diagnostic) {
    guard let node = rw.node(id), integerNodes.contains(node.name) else { return }
    var inputs = node.inputs
    for position in QuantizedOperands.positions(of: node) {
      guard let input = node.inputs[position], rw.type(input)?.element == .f32,
        let found = parameters[rw.graph[input].name]
      else { continue }
      inputs[position] = try pair(input, found, before: id, &rw)
    }
    guard inputs != node.inputs else { return }
    if let bias = try quantizedBias(of: node, before: id, &rw) { inputs[2] = bias }
    try rw.replace(id, with: node.op, inputs: inputs)
  }

  private mutating func pair(
    _ value: ValueID, _ found: QuantizationParameters, before id: NodeID, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    if let known = dequantized[value] { return known }
    let name = rw.graph[value].name
    let scale = rw.makeConstant(found.scaleTensor, name: name + "/scale")
    let zeroPoint = rw.makeConstant(found.zeroPointTensor, name: name + "/zero_point")
    let grid = QuantizationGrid(axis: found.axis ?? 1)
    let integers: ValueID
    if let constant = rw.constant(value) {
      integers = rw.makeConstant(found.quantized(constant), name: name + "/quantized")
    } else {
      integers = try rw.insert(
        QuantizeLinear(grid: grid), inputs: [value, scale, zeroPoint], before: id,
        name: name + "/quantized")
    }
    let result = try rw.insert(
      DequantizeLinear(grid: grid), inputs: [integers, scale, zeroPoint], before: id,
      name: name + "/dequantized")
    dequantized[value] = result
    return result
  }

  /// The bias in units of the sums that an integer kernel makes: `scale_x * scale_w` per output channel.
  ///
  /// Nil where the bias is no constant per channel, or an operand is not quantized.
  private mutating func quantizedBias(
    of node: Node, before id: NodeID, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID? {
    guard let bias = QuantizedOperands.bias(of: node, in: rw.graph),
      let input = node.inputs[0], let weight = node.inputs[1], let value = node.inputs[2],
      let activation = parameters[rw.graph[input].name], activation.axis == nil,
      let weights = parameters[rw.graph[weight].name]
    else { return nil }
    let count = bias.elementCount
    let scales = (0..<count).map {
      activation.scales[0] * weights.scales[$0 % weights.scales.count]
    }
    let integers = zip(bias.doubles, scales).map { number, scale in
      let quotient = (number / Double(scale)).rounded(.toNearestOrEven)
      return Int(min(max(quotient, Double(Int32.min)), Double(Int32.max)))
    }
    let name = rw.graph[value].name
    let scale = rw.makeConstant(Tensor(scales, shape: [count]), name: name + "/scale")
    let constant = rw.makeConstant(
      Tensor(integers: integers, shape: [count], type: .i32), name: name + "/quantized")
    return try rw.insert(
      DequantizeLinear(grid: QuantizationGrid(axis: 0)), inputs: [constant, scale], before: id,
      name: name + "/dequantized")
  }
}
