import Diagnostics
import IR
import Ops
import PassManager
import Tensors

/// A convolution or matrix product whose operands are dequantized bytes, as its integer form wants it.
struct QuantizedLayer {
  enum Bias {
    case none
    /// In units of the product of the scales.
    case integers(ValueID)
    /// Of the output's shape or broadcasting to it.
    case floats(ValueID)
  }

  /// The operator on integers.
  let op: any Op
  let input: Dequantized
  /// The bytes, in the order that the operator wants.
  let weights: ValueID
  let bias: Bias
  private let weightParameters: QuantizationParameters

  /// Zero points of the weights: one, or one per output channel.
  var weightZeroPoints: [Int] { weightParameters.zeroPoints }

  /// The integer form of a node; nil where it has none.
  ///
  /// - Parameter isWide: whether its input has 16 bits without a sign rather than 8.
  init?(_ node: Node, isWide: Bool = false, _ rw: inout Rewriter) {
    guard node.inputs.count >= 2, let x = Dequantized(node.inputs[0], rw),
      let w = Dequantized(node.inputs[1], rw), x.parameters.isPerTensor,
      isWide ? x.parameters.type == .u16 : Self.isByte(x.parameters.type),
      Self.isByte(w.parameters.type),
      let rank = rw.rank(w.value)
    else { return nil }
    var weights = w.value
    let channels: Int
    switch node.op {
    case let conv as Conv:
      op = ConvIntegerToFloat(group: conv.group, window: conv.window)
      channels = 0
    case let transpose as ConvTranspose where !isWide:
      guard let tensor = rw.constant(w.value),
        TransposedLayer.fault(transpose, tensor, w.parameters) == nil
      else { return nil }
      op = ConvTransposeIntegerToFloat(transpose)
      channels = 1
    case is MatMul where rank >= 2:
      op = MatMulIntegerToFloat()
      channels = rank - 1
    case let gemm as Gemm where !gemm.transA && gemm.alpha == 1 && gemm.beta == 1:
      op = MatMulIntegerToFloat()
      channels = gemm.transB ? 0 : 1
      if gemm.transB {
        guard let moved = Self.transposed(w.value, &rw) else { return nil }
        weights = moved
      }
    default: return nil
    }
    guard w.parameters.axis == nil || w.parameters.axis == channels else { return nil }
    let parameters = Self.perOutput(w.parameters, of: node.op)
    input = x
    self.weights = weights
    weightParameters = parameters
    let bias = node.inputs.count > 2 ? node.inputs[2] : nil
    guard let bias else {
      self.bias = .none
      return
    }
    let scales = parameters.scales.map { x.parameters.scale * $0 }
    if let integers = Self.integers(bias, scales, rw) {
      self.bias = .integers(integers)
    } else if node.op is Conv || node.op is ConvTranspose {
      guard let values = Self.floats(bias, rank: rank, &rw) else { return nil }
      self.bias = .floats(values)
    } else {
      self.bias = .floats(bias)
    }
  }

  /// Zero points of input and weights, and what sums are multiplied by, each with a name.
  func parameters(named name: String) -> [(String, Tensor)] {
    let x = input.parameters
    let w = weightParameters
    let shape = w.isPerTensor ? [] : [w.scales.count]
    return [
      (name + ".x_zero_point", Tensor(integers: [x.zeroPoint], shape: [], type: x.type)),
      (name + ".w_zero_point", Tensor(integers: w.zeroPoints, shape: shape, type: w.type)),
      (name + ".multiplier", Tensor(w.scales.map { x.scale * $0 }, shape: shape)),
    ]
  }

  /// Parameters of weights for every output channel: groups of a transposed convolution share them.
  private static func perOutput(
    _ parameters: QuantizationParameters, of op: any Op
  ) -> QuantizationParameters {
    guard let transpose = op as? ConvTranspose, parameters.axis != nil else { return parameters }
    var all = parameters
    all.scales = (0..<transpose.group).flatMap { _ in parameters.scales }
    all.zeroPoints = (0..<transpose.group).flatMap { _ in parameters.zeroPoints }
    return all
  }

  private static func isByte(_ type: ElementType) -> Bool { type == .u8 || type == .i8 }

  private static func transposed(_ value: ValueID, _ rw: inout Rewriter) -> ValueID? {
    guard let tensor = rw.constant(value), tensor.rank == 2,
      let moved = try? Transpose(permutation: [1, 0]).evaluate(Operands([tensor])).first
    else { return nil }
    return rw.makeConstant(moved, name: rw.graph[value].name + ".transposed")
  }

  /// The integers of a bias that are in units of the product of the scales; exporters round these scales on their own.
  private static func integers(_ bias: ValueID, _ scales: [Float], _ rw: Rewriter) -> ValueID? {
    guard let source = Dequantized(bias, rw), source.parameters.type == .i32,
      source.parameters.zeroPoints.allSatisfy({ $0 == 0 }), rw.rank(source.value) == 1
    else { return nil }
    let own = source.parameters.scales
    let count = max(own.count, scales.count)
    let agree = (0..<count).allSatisfy { place in
      let (a, b) = (own[own.count == 1 ? 0 : place], scales[scales.count == 1 ? 0 : place])
      return abs(a - b) <= 1e-5 * b
    }
    return agree ? source.value : nil
  }

  /// A bias per channel as it is added to an output of `rank` axes.
  private static func floats(
    _ bias: ValueID, rank: Int, _ rw: inout Rewriter
  ) -> ValueID? {
    var tensor = rw.constant(bias)
    if tensor == nil, let source = rw.def(of: bias, as: DequantizeLinear.self) {
      let operands = source.node.inputs.map { rw.constant($0).map { Value.tensor($0) } }
      guard operands.first.flatMap({ $0 }) != nil else { return nil }
      tensor = try? source.op.evaluate(operands, outputCount: 1).first?.tensor
    }
    guard let tensor, tensor.rank == 1 else { return nil }
    let shape = [1, tensor.elementCount] + Array(repeating: 1, count: rank - 2)
    return rw.makeConstant(tensor.reshaped(to: shape), name: rw.graph[bias].name + ".per_channel")
  }
}
