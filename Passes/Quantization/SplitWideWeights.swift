import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Computes with weights that are no signed bytes once their zero point is off: with bytes, and sums of the input.
  ///
  ///     %y = martlet.ConvIntegerToFloat(%x, %w, %zx, %zw, %m, %b)     // w: u8, zw = 60
  /// ->
  ///     %a = ConvInteger(%x, %w - 128, %zx)                           // i8
  ///     %s = ConvInteger(%x, 1, %zx)                                  // one filter: the sum of every window
  ///     %y = Cast(%a + %s * (128 - %zw) + %b) * %m
  ///
  /// also ConvInteger, MatMulInteger and martlet.MatMulIntegerToFloat. `w - zw` is `(w - 128) + (128 - zw)`, and 32 bits wrap
  /// the same way whatever the order, so results stay the same to the last bit. Preconditions: constant weights and zero
  /// points, a difference outside of -128...127; one group; matrices of two axes.
  package static let splitWideWeights = Pass(
    "split-wide-weights", "compute with weights wider than a byte as bytes and sums of the input"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), let layer = WideLayer(node, rw) else { continue }
      try layer.split(id, node, &rw)
    }
  }
}

/// A layer whose weights less their zero points need nine bits.
private struct WideLayer {
  /// Its sums as integers.
  let op: any Op
  let weights: Tensor
  /// What weights as signed bytes lack: one per output channel, or one for all.
  let offsets: [Int]
  let isConvolution: Bool
  /// Whether multiplier and bias are inputs 4 and 5.
  let isMultiplied: Bool

  init?(_ node: Node, _ rw: Rewriter) {
    switch node.op {
    case let conv as ConvIntegerToFloat where conv.group == 1:
      (op, isConvolution, isMultiplied) = (
        ConvInteger(window: conv.window), true, true
      )
    case let conv as ConvInteger where conv.group == 1:
      (op, isConvolution, isMultiplied) = (conv, true, false)
    case is MatMulIntegerToFloat: (op, isConvolution, isMultiplied) = (MatMulInteger(), false, true)
    case is MatMulInteger: (op, isConvolution, isMultiplied) = (MatMulInteger(), false, false)
    default: return nil
    }
    guard node.inputs.count > 3, let tensor = rw.constant(node.inputs[1]),
      let values = tensor.integers, !values.isEmpty,
      let zeros = rw.constant(node.inputs[3])?.integers, tensor.rank >= 2,
      isConvolution || tensor.rank == 2, rw.type(node.inputs[0])?.element == .u8
    else { return nil }
    let channels = isConvolution ? tensor.shape[0] : tensor.shape[1]
    guard zeros.count == 1 || zeros.count == channels else { return nil }
    let perChannel = values.count / channels
    let perRow = isConvolution
    let isWide = values.indices.contains { index in
      let channel = perRow ? index / perChannel : index % channels
      let centred = values[index] - zeros[zeros.count == 1 ? 0 : channel]
      return centred < -128 || centred > 127
    }
    guard isWide else { return nil }
    let shift = tensor.type == .u8 ? 128 : 0
    weights = Tensor(integers: values.map { $0 - shift }, shape: tensor.shape, type: .i8)
    offsets = zeros.map { shift - $0 }
  }

  func split(_ id: NodeID, _ node: Node, _ rw: inout Rewriter) throws(Diagnostic) {
    let name = node.name
    func sums(_ tensor: Tensor, _ what: String) throws(Diagnostic) -> ValueID {
      let bytes = rw.makeConstant(tensor, name: "\(name).\(what)")
      return try rw.insert(
        op, inputs: [node.inputs[0], bytes, node.inputs[2]], before: id, name: "\(name).\(what)_sum"
      )
    }
    let products = try sums(weights, "bytes")
    var one = weights.shape
    one[isConvolution ? 0 : 1] = 1
    let ones = Tensor(integers: Array(repeating: 1, count: one.elementCount), shape: one, type: .i8)
    let inputs = try sums(ones, "ones")
    let factor = rw.makeConstant(
      perChannel(offsets.map { Int32($0) }, rank: weights.rank), name: name + ".offset")
    let rest = try rw.insert(Mul(), inputs: [inputs, factor], before: id, name: name + ".rest")
    guard isMultiplied else {
      try rw.replace(id, with: Add(), inputs: [products, rest])
      return
    }
    var total = try rw.insert(Add(), inputs: [products, rest], before: id, name: name + ".total")
    if node.inputs.count > 5, let bias = node.inputs[5] {
      total = try rw.insert(
        Add(), inputs: [total, try channelwise(bias, "bias", id, name, &rw)], before: id,
        name: name + ".biased")
    }
    let floats = try rw.insert(Cast(to: .f32), inputs: [total], before: id, name: name + ".float")
    guard let multiplier = node.inputs[4] else { return }
    try rw.replace(
      id, with: Mul(),
      inputs: [floats, try channelwise(multiplier, "factor", id, name, &rw)])
  }

  /// One number for all or one per output channel, as it meets the result.
  private func perChannel<T: TensorElement>(_ values: [T], rank: Int) -> Tensor {
    if values.count == 1 { return Tensor(values, shape: []) }
    let behind = isConvolution ? Array(repeating: 1, count: rank - 2) : []
    return Tensor(values, shape: [values.count] + behind)
  }

  private func channelwise(
    _ value: ValueID, _ what: String, _ id: NodeID, _ name: String, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    guard isConvolution, let shape = rw.staticShape(value), shape.elementCount > 1 else {
      return value
    }
    let target = [shape.elementCount] + Array(repeating: 1, count: weights.rank - 2)
    if let tensor = rw.constant(value) {
      return rw.makeConstant(tensor.reshaped(to: target), name: "\(name).\(what)")
    }
    let numbers = rw.makeConstant(
      Tensor(target.map { Int64($0) }, shape: [target.count]), name: "\(name).\(what)_shape")
    return try rw.insert(
      Reshape(), inputs: [value, numbers], before: id, name: "\(name).\(what)")
  }
}
