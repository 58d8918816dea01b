import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// Puts the pairs of a plan before the nodes that read them, each value's pair once.
struct QuantizationInsertion {
  /// A value in one of its two precisions.
  private struct Form: Hashable {
    let value: ValueID
    let isWide: Bool
  }

  private let precisions: [String: QuantizationPlan.Precision]
  private let narrow: [String: QuantizationParameters]
  private let wide: [String: QuantizationParameters]
  private let summands: [String: [Float]]
  /// The dequantized forms of values that have one.
  private var dequantized: [Form: ValueID] = [:]

  init(_ plan: QuantizationPlan) {
    precisions = plan.precisions
    narrow = plan.parameters(wide: false)
    wide = plan.parameters(wide: true)
    summands = Dictionary(plan.biases.map { ($0.name, $0.summands) }) { first, _ in first }
  }

  private func parameters(
    of value: ValueID, _ precision: QuantizationPlan.Precision, _ graph: Graph
  ) -> QuantizationParameters? {
    let isWide = precision == .wide && graph.constant(value) == nil
    return (isWide ? wide : narrow)[graph[value].name]
  }

  /// Makes a node read quantized operands, if the plan says so.
  mutating func quantize(_ id: NodeID, _ rw: inout Rewriter) throws(Diagnostic) {
    guard let node = rw.node(id), let precision = precisions[node.name],
      precision == .integer || precision == .wide
    else { return }
    var inputs = node.inputs
    for position in QuantizedOperands.positions(of: node) {
      guard let input = node.inputs[position], rw.type(input)?.element == .f32,
        let found = parameters(of: input, precision, rw.graph)
      else { continue }
      inputs[position] = try pair(input, found, before: id, &rw)
    }
    guard inputs != node.inputs else { return }
    if let bias = try quantizedBias(of: node, precision, before: id, &rw) { inputs[2] = bias }
    try rw.replace(id, with: node.op, inputs: inputs)
  }

  private mutating func pair(
    _ value: ValueID, _ found: QuantizationParameters, before id: NodeID, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    let form = Form(value: value, isWide: found.type.bitWidth > 8)
    if let known = dequantized[form] { return known }
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
    dequantized[form] = result
    return result
  }

  /// The bias in units of the sums that an integer kernel makes: `scale_x * scale_w` per output channel.
  ///
  /// Nil where the bias is no constant per channel, or an operand is not quantized.
  private mutating func quantizedBias(
    of node: Node, _ precision: QuantizationPlan.Precision, before id: NodeID,
    _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID? {
    guard let bias = QuantizedOperands.bias(of: node, in: rw.graph),
      let input = node.inputs[0], let weight = node.inputs[1], let value = node.inputs[2],
      let activation = parameters(of: input, precision, rw.graph), activation.axis == nil,
      let weights = parameters(of: weight, precision, rw.graph)
    else { return nil }
    let count = bias.elementCount
    let scales = (0..<count).map {
      activation.scales[0] * weights.scales[$0 % weights.scales.count]
    }
    var numbers = bias.doubles
    if let added = summands[node.name], added.count == count {
      for channel in numbers.indices { numbers[channel] += Double(added[channel]) }
    }
    let integers = zip(numbers, scales).map { number, scale in
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
