import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes QONNX's quantizers as QuantizeLinear and DequantizeLinear.
  ///
  ///     %y = qonnx.custom_op.general.IntQuant(%x, %s, %z, %b)       // b = 5 bits with a sign
  /// ->
  ///     %c = Clip(%x, (-16 - z) * s, (15 - z) * s)    // where integers of 8 bits are more
  ///     %q = QuantizeLinear(%c, %s, %z)               // i8
  ///     %y = DequantizeLinear(%q, %s, %z)
  ///
  ///     %y = qonnx.custom_op.general.BipolarQuant(%x, %s)
  /// ->
  ///     %p = GreaterOrEqual(%x, 0)
  ///     %q = Where(%p, 2, 0)                          // u8
  ///     %y = DequantizeLinear(%q, %s, 1)
  ///
  /// Of constants the integers are written at once, up to 32 bits where the zero point is 0. Preconditions: scales are
  /// constants that vary along one axis, zero points and bits are integers; for computed numbers at most 8 bits, rounding
  /// halves to even. QuantizeLinear rounds before it adds the zero point: a number halfway between two may go the other way
  /// where the zero point is odd.
  ///
  /// Source: QONNX 1.0, IntQuant-1 and BipolarQuant-1; ONNX QuantizeLinear-25.
  package static let expandQuant = Pass(
    "expand-quant", "write quantizers of QONNX as QuantizeLinear and DequantizeLinear"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      if let match = rw.match(id, as: IntQuant.self) {
        try expand(match, &rw)
      } else if let match = rw.match(id, as: BipolarQuant.self) {
        try expand(match, &rw)
      }
    }
  }

  private static func expand(
    _ match: Match<IntQuant>, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    guard let x = match.input(0), rw.haveSameShape(x, match.output), let rank = rw.rank(x),
      let steps = ChannelSteps(rw.constant(match.input(1)), rw.constant(match.input(2)), rank),
      let bits = rw.uniform(match.input(3))
    else { return }
    let range = match.op.range
    if rw.constant(x) != nil { return try expandConstant(match, steps, &rw) }
    guard match.op.mode == .round, bits == bits.rounded(), bits <= 8,
      bits > (range.isSigned ? 1 : 0)
    else { return }
    let type: ElementType = range.isSigned ? .i8 : .u8
    guard let zeros = steps.zeros(type, named: match.node.name, &rw) else { return }
    let limited = try limit(x, to: range, bits: bits, steps, match, &rw)
    let scales = steps.scales(named: match.node.name, &rw)
    let grid = QuantizationGrid(axis: steps.axis ?? 1)
    let bytes = try rw.insert(
      QuantizeLinear(grid: grid), inputs: [limited, scales, zeros], before: match.id,
      name: match.node.name + ".quantized")
    try rw.replace(match.id, with: DequantizeLinear(grid: grid), inputs: [bytes, scales, zeros])
  }

  /// The number within what the bits reach, where a byte reaches further.
  private static func limit(
    _ x: ValueID, to range: BitRange, bits: Double, _ steps: ChannelSteps, _ match: Match<IntQuant>,
    _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    if bits == 8, !range.isNarrow { return x }
    let power = BitRange.power(bits: bits)
    func bound(_ whole: Float) -> Tensor {
      let values = zip(steps.scales, steps.zeros).map { (whole - $1) * $0 }
      return Tensor(values, shape: steps.shape)
    }
    let name = match.node.name
    let low = rw.makeConstant(bound(range.low(power: power)), name: name + ".low")
    let high = rw.makeConstant(bound(range.high(power: power)), name: name + ".high")
    if steps.axis == nil {
      return try rw.insert(
        Clip(), inputs: [x, low, high], before: match.id, name: name + ".limited")
    }
    let raised = try rw.insert(Max(), inputs: [x, low], before: match.id, name: name + ".raised")
    return try rw.insert(
      Min(), inputs: [raised, high], before: match.id, name: name + ".limited")
  }

  private static func expandConstant(
    _ match: Match<IntQuant>, _ steps: ChannelSteps, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    let tensors = match.node.inputs.compactMap { rw.constant($0) }
    guard tensors.count == 4, let levels = try? match.op.levels(Operands(tensors)),
      levels.shape == tensors[0].shape
    else { return }
    let values = levels.array(of: Float.self)
    func fits(_ type: ElementType) -> Bool {
      let (low, high) = (Float(type.integerRange.lowerBound), Float(type.integerRange.upperBound))
      return values.allSatisfy { $0 >= low && $0 <= high }
    }
    let isCentred = steps.zeros.allSatisfy { $0 == 0 }
    let name = match.node.name
    // The bound of 32 bits is no number of single precision; that of 31 is.
    let type: ElementType
    if fits(.i8) {
      type = .i8
    } else if fits(.u8) {
      type = .u8
    } else if isCentred, values.allSatisfy({ abs($0) <= 0x1p30 }) {
      type = .i32
    } else {
      return
    }
    var parameters = [steps.scales(named: name, &rw)]
    if !isCentred {
      guard let zeros = steps.zeros(type, named: name, &rw) else { return }
      parameters.append(zeros)
    }
    let integers = rw.makeConstant(
      Tensor(integers: values.map { Int($0) }, shape: levels.shape, type: type),
      name: name + ".quantized")
    try rw.replace(
      match.id, with: DequantizeLinear(grid: QuantizationGrid(axis: steps.axis ?? 1)),
      inputs: [integers] + parameters)
  }

  private static func expand(
    _ match: Match<BipolarQuant>, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    guard let x = match.input(0), rw.haveSameShape(x, match.output), let rank = rw.rank(x),
      let steps = ChannelSteps(rw.constant(match.input(1)), Tensor(scalar: Float(0)), rank)
    else { return }
    let name = match.node.name
    let nought = rw.makeConstant(Tensor(scalar: Float(0)), name: name + ".nought")
    let isUpper = try rw.insert(
      GreaterOrEqual(), inputs: [x, nought], before: match.id, name: name + ".is_upper")
    let levels = [2, 0].map {
      rw.makeConstant(Tensor(scalar: UInt8($0)), name: "\(name).level\($0)")
    }
    let bytes = try rw.insert(
      Where(), inputs: [isUpper] + levels, before: match.id, name: name + ".quantized")
    let ones = steps.scales.map { _ in UInt8(1) }
    let zeros = rw.makeConstant(
      Tensor(ones, shape: steps.axis == nil ? [] : [ones.count]), name: name + ".zero_point")
    try rw.replace(
      match.id, with: DequantizeLinear(grid: QuantizationGrid(axis: steps.axis ?? 1)),
      inputs: [bytes, steps.scales(named: name, &rw), zeros])
  }
}

/// Scales and zero points that are one for a tensor or vary along one of its axes.
private struct ChannelSteps {
  /// Nil where there is one for all.
  let axis: Int?
  let scales: [Float]
  /// As many.
  let zeros: [Float]
  /// What broadcasts to the tensor.
  let shape: [Int]

  init?(_ scale: Tensor?, _ zero: Tensor?, _ rank: Int) {
    guard let scale, let zero, scale.type == .f32, zero.type == .f32 else { return nil }
    var axes: Set<Int> = []
    for tensor in [scale, zero] {
      guard tensor.elementCount > 0, tensor.rank <= rank else { return nil }
      for (place, length) in tensor.shape.enumerated() where length != 1 {
        axes.insert(place + rank - tensor.rank)
      }
    }
    let count = max(scale.elementCount, zero.elementCount)
    func spread(_ tensor: Tensor) -> [Float] {
      let values = tensor.array(of: Float.self)
      return values.count == count ? values : Array(repeating: values[0], count: count)
    }
    guard axes.count <= 1, [1, count].contains(scale.elementCount),
      [1, count].contains(zero.elementCount)
    else { return nil }
    axis = axes.first
    scales = spread(scale)
    zeros = spread(zero)
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
    shape = axis.map { axis in (0..<rank).map { $0 == axis ? count : 1 } } ?? []
  }

  func scales(named name: String, _ rw: inout Rewriter) -> ValueID {
    rw.makeConstant(
      Tensor(scales, shape: axis == nil ? [] : [scales.count]), name: name + ".scale")
  }

  /// The zero points in an integer type; nil where it has none of them.
  func zeros(_ type: ElementType, named name: String, _ rw: inout Rewriter) -> ValueID? {
    let range = type.integerRange
    guard zeros.allSatisfy({ $0 == $0.rounded() && abs($0) < 1024 && range.contains(Int($0)) })
    else { return nil }
    return rw.makeConstant(
      Tensor(integers: zeros.map { Int($0) }, shape: axis == nil ? [] : [zeros.count], type: type),
      name: name + ".zero_point")
  }
}
