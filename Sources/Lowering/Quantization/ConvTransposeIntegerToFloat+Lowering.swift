package import Diagnostics
import IR
package import Loops
package import Ops
package import Tensors

extension ConvTransposeIntegerToFloat: Lowerable, HaloDemanding {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (x, w) = try (context.shape(0), context.shape(1))
    let geometry = try transpose.geometry(x: x, w: w)
    let group = transpose.group
    try context.requireConvolution(0, 1, bias: 5, group: group, geometry.axes, isTransposed: true)
    try context.require(2, oneOr: 1)
    for index in [3, 4] { try context.require(index, oneOr: w[1] * IndexExpr(group)) }
    guard let weights = context.constant(1), let zeros = context.constant(3)?.integers else {
      throw .unsupported("lowering.integer-weights", "the weights are computed")
    }
    let phases = try transpose.phases(geometry).filter { $0.allSatisfy { $0.count != 0 } }
    var own = PhaseWeights(weights: weights, zeros: zeros, groups: group)
    if let parts = try parts(phases, own, context) {
      return try ByteConvolution.lower(parts, context)
    }
    own.isJoined = true
    guard let parts = try parts(phases, own, context) else {
      throw .unsupported(
        "lowering.integer-weights",
        "weights \(w) less their zero points have more than 8 bits, or an output meets no input")
    }
    context.note("groups as one with zeros between them")
    try ByteConvolution.lower(parts, context)
  }

  /// Every phase as a convolution; nil where one cannot be computed so.
  private func parts(
    _ phases: [[ConvolutionAxis]], _ weights: PhaseWeights, _ context: NodeLowering
  ) throws(Diagnostic) -> [ByteConvolution]? {
    var parts: [ByteConvolution] = []
    for axes in phases {
      let own = weights.of(axes)
      guard
        let part = try ByteConvolution(
          own.axes, group: weights.group, weights: own.tensor, context, isMultiplied: true)
      else { return nil }
      parts.append(part)
    }
    return parts
  }

  package func inputHalos(
    _ shape: [IndexExpr], weights: [IndexExpr]?, for target: Target
  ) -> [Layout.Halo]? {
    guard let weights, let geometry = try? transpose.geometry(x: shape, w: weights),
      let phases = try? transpose.phases(geometry)
    else { return nil }
    let isOwn = transpose.group > 1 && weights[1] == 1 && weights[0] == shape[1]
    return phases.reduce([]) {
      GraphLowering.union(
        $0, ByteConvolution.halos($1, shape, group: transpose.group, isOwn: isOwn, for: target))
    }
  }

  /// Padding is zero less the zero point.
  package var fillInput: Int? { 2 }
}

/// The weights of a transposed convolution's phases, each as those of an ordinary convolution.
private struct PhaseWeights {
  /// `[C, M / groups, k1...kn]`
  let weights: Tensor
  /// Zero points: one, or one for every output channel of all groups.
  let zeros: [Int]
  /// The groups of the transposed convolution.
  let groups: Int
  /// Whether one group does it, with zeros where channels do not meet.
  var isJoined = false

  var group: Int { isJoined ? 1 : groups }

  /// `[M, C / group, taps...]`, and axes over them.
  func of(_ axes: [ConvolutionAxis]) -> (tensor: Tensor, axes: [ConvolutionAxis]) {
    let (ownInputs, ownOutputs) = (weights.shape[0] / groups, weights.shape[1])
    let kernel = weights.shape.dropFirst(2).reduce(1, *)
    let taps = ConvolutionWeights(weights).tapOffsets(axes)
    let values = weights.integers ?? []
    var own: [Int] = []
    for output in 0..<ownOutputs * groups {
      let place = output / ownOutputs
      for input in isJoined ? 0..<weights.shape[0] : place * ownInputs..<(place + 1) * ownInputs {
        if input / ownInputs != place {
          own += Array(repeating: zeros[zeros.count == 1 ? 0 : output], count: taps.count)
          continue
        }
        let start = (input * ownOutputs + output % ownOutputs) * kernel
        for tap in taps { own.append(values[start + tap]) }
      }
    }
    let inputs = isJoined ? weights.shape[0] : ownInputs
    let tensor = Tensor(
      integers: own, shape: [ownOutputs * groups, inputs] + axes.map(\.tapCount),
      type: weights.type)
    return (
      tensor,
      axes.map { axis in
        var axis = axis
        (axis.kernelBase, axis.kernelStep) = (0, 1)
        return axis
      }
    )
  }
}
