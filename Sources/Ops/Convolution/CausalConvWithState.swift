package import Diagnostics
package import IR
import Tensors

/// A convolution of each channel by itself that sees only the past, with what it needs of the past as a state.
///
/// - Inputs: `input` `[N, C, L]`, `weight` `[C, 1, k]`, optional `bias` `[C]` and `past_state` `[N, C, k - 1]`, zeros by default.
///   Outputs: `output` `[N, C, L]`; `present_state`, the last `k - 1` positions of past and input.
/// - Attribute: `activation`: none (default), or silu or swish: `x * sigmoid(x)`, in single precision.
/// - Errors: `shape.rank`, `shape.mismatch`, those of Conv.
/// - Source: ONNX CausalConvWithState-27.
package struct CausalConvWithState: FunctionOp {
  package static let schema = OpSchema(
    "CausalConvWithState", versions: [27],
    inputs: [
      .required("input", "T"), .required("weight", "T"), .optional("bias", "T"),
      .optional("past_state", "T"),
    ],
    outputs: [.required("output", "T"), .optional("present_state", "T")],
    types: ["T": [.f16, .bf16, .f32]])

  package let activation: String

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    activation = try attributes.string(
      "activation", default: "none", oneOf: ["none", "silu", "swish"])
  }

  package var attributes: Attributes {
    Attributes { $0.string("activation", activation, default: "none") }
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let input = try graph.input(0)
    let weight = try graph.input(1)
    let shape = try graph.shape(weight)
    guard shape.count == 3, try graph.shape(input).count == 3 else {
      throw Diagnostic(
        "shape.rank",
        "input has shape \(try graph.shape(input)) and weight \(shape), expected rank 3")
    }
    guard let channels = shape[0].value, let length = shape[2].value else {
      return try composeOpen(&graph)
    }
    guard length >= 1 else {
      throw Diagnostic("shape.mismatch", "weight has shape \(shape), expected at least one tap")
    }
    var padded = input
    if let past = graph.optional(3) {
      padded = try graph.add(Concat(axis: 2), past, input)
    } else if length > 1 {
      padded = try graph.add(Pad(), input, graph.integers([0, 0, length - 1, 0, 0, 0]))
    }
    let sum = try graph.add(Conv(group: channels), padded, weight, graph.optional(2))
    let kept = length > 1 ? [1 - length, Int(Int32.max)] : [0, 0]
    let state = try graph.add(
      Slice(), padded, graph.integers([kept[0]]), graph.integers([kept[1]]), graph.integers([2]))
    return [try activated(sum, &graph), state]
  }

  /// Windows are gathered, where the number of channels or taps is open: `sum over k of input[n, c, l + k] * weight[c, 0, k]`.
  private func composeOpen(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let (input, weight) = (try graph.input(0), try graph.input(1))
    let taps = try graph.size(of: weight, axis: 2)
    let beyond = try graph.add(Sub(), taps, graph.number(1))
    var padded = input
    if let past = graph.optional(3) {
      padded = try graph.add(Concat(axis: 2), past, input)
    } else {
      let pads = try graph.add(
        Concat(axis: 0), graph.integers([0, 0]), graph.vector(of: beyond),
        graph.integers([0, 0, 0]))
      padded = try graph.add(Pad(), input, pads)
    }
    let length = try graph.add(Sub(), graph.size(of: padded, axis: 2), beyond)
    let places = try graph.add(
      Add(), graph.add(Unsqueeze(), graph.counting(to: taps), graph.integers([1])),
      graph.counting(to: length))
    let windows = try graph.add(Gather(axis: 2), graph.add(Cast(to: .f32), padded), places)
    let column = try graph.add(
      Reshape(), graph.add(Cast(to: .f32), weight),
      graph.add(Concat(axis: 0), graph.integers([0]), graph.vector(of: taps), graph.integers([1])))
    var sum = try graph.add(
      ReduceSum(form: ReductionForm(keepsDimensions: false)), graph.add(Mul(), windows, column),
      graph.integers([2]))
    if let bias = graph.optional(2) {
      let values = try graph.add(Cast(to: .f32), bias)
      sum = try graph.add(Add(), sum, graph.add(Unsqueeze(), values, graph.integers([1])))
    }
    let state = try graph.add(
      Slice(), padded, graph.vector(of: length), graph.integers([Int(Int32.max)]),
      graph.integers([2]))
    return [try activated(graph.add(CastLike(), sum, input), &graph), state]
  }

  private func activated(
    _ value: ValueID, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    if activation == "none" { return value }
    let wide = try graph.add(Cast(to: .f32), value)
    return try graph.add(
      CastLike(), graph.add(Mul(), wide, graph.add(Sigmoid(), wide)), graph.input(0))
  }
}
