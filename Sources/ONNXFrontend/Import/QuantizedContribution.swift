/// onnxruntime's quantized operators, written as the standard's float ones between DequantizeLinear and QuantizeLinear.
///
/// Source: onnxruntime 1.22, docs/ContribOperators.md, domain `com.microsoft`.
struct QuantizedContribution {
  private static let domain = "com.microsoft"
  /// The version of the standard's operators that is written.
  private static let opset = 13

  private let call: SourceNode
  private var nodes: [SourceNode] = []

  private init(_ call: SourceNode) { self.call = call }

  /// The nodes that compute what a call does; nil for other operators, and for channels in the last place.
  static func expand(_ call: SourceNode) -> [SourceNode]? {
    guard call.domain == domain, call.integer("channels_last", default: 0) == 0 else { return nil }
    var expansion = QuantizedContribution(call)
    guard expansion.write() else { return nil }
    return expansion.nodes
  }

  private mutating func write() -> Bool {
    switch call.op {
    case "QuantizeLinear", "DequantizeLinear":
      add(call.op, Array(call.inputs), call.outputs.first, call.attributes, opset: 21)
    case "QLinearAdd": binary("Add")
    case "QLinearMul": binary("Mul")
    case "QLinearLeakyRelu": unary("LeakyRelu", ["alpha"])
    case "QLinearSigmoid": unary("Sigmoid")
    case "QLinearGlobalAveragePool": unary("GlobalAveragePool")
    case "QLinearAveragePool":
      unary(
        "AveragePool",
        ["auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides"])
    case "QLinearReduceMean": unary("ReduceMean", ["axes", "keepdims"])
    case "QLinearSoftmax":
      // The axis means what it means in the version of the standard that the call names.
      unary("Softmax", ["axis"], opset: call.integer("opset", default: Self.opset))
    case "QLinearConcat": concat()
    case "QGemm": gemm()
    case "MatMulIntegerToFloat":
      product(input(0), input(1), [input(2), input(3)], [input(4), input(5)], bias: input(6))
    case "DynamicQuantizeMatMul": dynamicProduct()
    default: return false
    }
    return true
  }

  // MARK: Operators

  /// `X, x_scale, x_zero_point, y_scale, y_zero_point`.
  private mutating func unary(_ op: String, _ attributes: [String] = [], opset: Int = opset) {
    let x = dequantized(0, 1, 2)
    let kept = call.attributes.filter { attributes.contains($0.name) }
    quantize(add(op, [x], nil, kept, opset: opset), 3, 4)
  }

  /// `A, a_scale, a_zero_point, B, b_scale, b_zero_point, c_scale, c_zero_point`.
  private mutating func binary(_ op: String) {
    quantize(add(op, [dequantized(0, 1, 2), dequantized(3, 4, 5)]), 6, 7)
  }

  /// `y_scale, y_zero_point`, then three inputs for each part.
  private mutating func concat() {
    let parts = stride(from: 2, to: call.inputs.count, by: 3).map {
      dequantized($0, $0 + 1, $0 + 2)
    }
    let axis = call.attributes.filter { $0.name == "axis" }
    quantize(add("Concat", parts, nil, axis), 0, 1)
  }

  /// `A, a_scale, a_zero_point, B, b_scale, b_zero_point, C, y_scale, y_zero_point`; C in units of both scales.
  private mutating func gemm() {
    var operands = [dequantized(0, 1, 2), dequantized(3, 4, 5)]
    if !input(6).isEmpty {
      let scale = add("Mul", [input(1), input(4)])
      operands.append(add("DequantizeLinear", [input(6), scale]))
    }
    let kept = call.attributes.filter { ["alpha", "transA", "transB"].contains($0.name) }
    if input(7).isEmpty {
      add("Gemm", operands, call.outputs.first, kept)
    } else {
      quantize(add("Gemm", operands, nil, kept), 7, 8)
    }
  }

  /// `A, B, b_scale, b_zero_point, bias`: A is quantized by its own extremes.
  private mutating func dynamicProduct() {
    let name = "\(call.name)/quantized"
    let outputs = [name, "\(name)_scale", "\(name)_zero_point"]
    nodes.append(
      SourceNode(
        name: name, domain: "", op: "DynamicQuantizeLinear", opset: Self.opset, inputs: [input(0)],
        outputs: outputs, attributes: []))
    product(
      outputs[0], input(1), [outputs[1], input(2)], [outputs[2], input(3)], bias: input(4))
  }

  /// `float(sum (a - a_zero_point) * (b - b_zero_point)) * (a_scale * b_scale) + bias`.
  private mutating func product(
    _ a: String, _ b: String, _ scales: [String], _ zeros: [String], bias: String
  ) {
    let sums = add("MatMulInteger", [a, b] + zeros)
    let floats = add("CastLike", [sums, scales[0]], opset: 19)
    let operands = [floats, add("Mul", scales)]
    if bias.isEmpty {
      add("Mul", operands, call.outputs.first)
    } else {
      add("Add", [add("Mul", operands), bias], call.outputs.first)
    }
  }

  // MARK: Nodes

  private func input(_ index: Int) -> String {
    index < call.inputs.count ? call.inputs[index] : ""
  }

  private mutating func dequantized(_ value: Int, _ scale: Int, _ zero: Int) -> String {
    add("DequantizeLinear", [input(value), input(scale), input(zero)])
  }

  private mutating func quantize(_ value: String, _ scale: Int, _ zero: Int) {
    add("QuantizeLinear", [value, input(scale), input(zero)], call.outputs.first)
  }

  /// Writes a node; without an output's name it makes one of its own.
  @discardableResult
  private mutating func add(
    _ op: String, _ inputs: [String], _ output: String? = nil,
    _ attributes: [SourceAttribute] = [], opset: Int = opset
  ) -> String {
    let name = "\(call.name)/\(op)_\(nodes.count)"
    let result = output ?? name
    nodes.append(
      SourceNode(
        name: name, domain: "", op: op, opset: opset, inputs: inputs, outputs: [result],
        attributes: attributes))
    return result
  }
}

extension SourceNode {
  /// An integer attribute.
  fileprivate func integer(_ name: String, default other: Int) -> Int {
    attributes.first { $0.name == name }?.value.int ?? other
  }
}
