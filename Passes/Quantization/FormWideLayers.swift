import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Computes layers whose input has 16 bits on its high and its low bytes.
  ///
  ///     %x = DequantizeLinear(%q, %sx, %zx)       // %q: u16
  ///     %w = DequantizeLinear(%wq, %sw, %zw)      // a constant of bytes
  ///     %y = Conv(%x, %w, %b)                     // also Gemm, MatMul
  /// ->
  ///     %h = Cast(BitShift(%q, 8)) {to = u8}
  ///     %l = Cast(%q) {to = u8}
  ///     %a = ConvInteger(%h, %wq, %zx / 256, %zw)
  ///     %c = ConvInteger(%l, %wq, %zx % 256, %zw)
  ///     %y = Cast(%a * 256 + %c + %bq) {to = f32} * (%sx * %sw)
  ///
  /// The sum is exact: in 32 bits where the weights' magnitudes show that it fits, else in double precision. It is rounded
  /// once to single precision, then multiplied. Preconditions: one scale for %x; constant weights and bias; sums of bytes
  /// that fit 32 bits.
  package static let formWideLayers = Pass(
    "form-wide-layers", "compute layers with inputs of 16 bits on their high and low bytes"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let layer = QuantizedLayer(node, isWide: true, &rw),
        let wide = WideInputLayer(layer, rw)
      else { continue }
      try wide.form(id, node, &rw)
    }
  }
}

/// A layer with an input of 16 bits.
private struct WideInputLayer {
  let layer: QuantizedLayer
  /// On bytes, to 32 bits.
  let op: any Op
  /// One per output channel, or one for all; nil for none.
  let bias: Tensor?
  /// Whether 32 bits hold every sum.
  let fits: Bool
  /// Axes of the result behind its channels.
  let axesBehind: Int

  init?(_ layer: QuantizedLayer, _ rw: Rewriter) {
    guard let weights = rw.constant(layer.weights), let values = weights.integers,
      !values.isEmpty
    else { return nil }
    let isPerRow = layer.op is ConvIntegerToFloat
    switch layer.op {
    case let conv as ConvIntegerToFloat:
      op = ConvInteger(group: conv.group, window: conv.window)
      axesBehind = weights.rank - 2
    default:
      guard weights.rank == 2 else { return nil }
      op = MatMulInteger()
      axesBehind = 0
    }
    self.layer = layer
    if case .integers(let value) = layer.bias {
      guard let tensor = rw.constant(value) else { return nil }
      bias = tensor
    } else {
      bias = nil
    }
    let channels = isPerRow ? weights.shape[0] : weights.shape[1]
    let zeros = layer.weightZeroPoints
    var magnitudes = Array(repeating: 0, count: channels)
    for (index, value) in values.enumerated() {
      let channel = isPerRow ? index / (values.count / channels) : index % channels
      magnitudes[channel] += abs(value - zeros[zeros.count == 1 ? 0 : channel])
    }
    let most = magnitudes.max() ?? 0
    let largestBias = bias?.integers?.map { abs($0) }.max() ?? 0
    let limit = Int(Int32.max)
    guard most * 255 <= limit else { return nil }
    fits = most * 65535 + largestBias <= limit
  }

  func form(_ id: NodeID, _ node: Node, _ rw: inout Rewriter) throws(Diagnostic) {
    let name = node.name
    let source = layer.input.value
    let zero = layer.input.parameters.zeroPoint
    func insert(
      _ op: any Op, _ inputs: [ValueID?], _ what: String
    ) throws(Diagnostic) -> ValueID {
      try rw.insert(op, inputs: inputs, before: id, name: "\(name).\(what)")
    }
    func constant(_ tensor: Tensor, _ what: String) -> ValueID {
      rw.makeConstant(tensor, name: "\(name).\(what)")
    }
    let eight = constant(Tensor(scalar: UInt16(8)), "eight")
    let shifted = try insert(BitShift(shiftsLeft: false), [source, eight], "shifted")
    let parts = [
      ("high", try insert(Cast(to: .u8), [shifted], "high"), zero / 256),
      ("low", try insert(Cast(to: .u8), [source], "low"), zero % 256),
    ]
    let parameters = layer.parameters(named: name)
    let weightZero = rw.makeConstant(parameters[1].1, name: parameters[1].0)
    let wide: ElementType = fits ? .i32 : .f64
    var sums: [ValueID] = []
    for (what, bytes, point) in parts {
      let zero = constant(Tensor(scalar: UInt8(point)), what + "_zero_point")
      let sum = try insert(op, [bytes, layer.weights, zero, weightZero], what + "_sum")
      sums.append(fits ? sum : try insert(Cast(to: .f64), [sum], what + "_double"))
    }
    let place = constant(
      Tensor(integers: [256], shape: [], type: .i32).converted(to: wide), "place")
    let upper = try insert(Mul(), [sums[0], place], "upper")
    var total = try insert(Add(), [upper, sums[1]], "total")
    if let bias {
      let values = channelwise(bias).converted(to: wide)
      total = try insert(Add(), [total, constant(values, "bias")], "biased")
    }
    let floats = try insert(Cast(to: .f32), [total], "float")
    let multiplier = rw.makeConstant(channelwise(parameters[2].1), name: parameters[2].0)
    guard case .floats(let value) = layer.bias else {
      return try rw.replace(id, with: Mul(), inputs: [floats, multiplier])
    }
    let product = try insert(Mul(), [floats, multiplier], "product")
    try rw.replace(id, with: Add(), inputs: [product, value])
  }

  /// One number for all or one per output channel, as it meets the result.
  private func channelwise(_ tensor: Tensor) -> Tensor {
    if tensor.elementCount == 1 { return tensor.reshaped(to: []) }
    return tensor.reshaped(to: [tensor.elementCount] + Array(repeating: 1, count: axesBehind))
  }
}
