package import Diagnostics
package import IR
import Tensors

/// A convolution of each channel by itself that sees only the past, with what it needs of the past as a state.
///
/// - Inputs: `input` `[N, C, L]`, `weight` `[C, 1, k]`, optional `bias` `[C]` and `past_state` `[N, C, k - 1]`, zeros by default.
///   Outputs: `output` `[N, C, L]`; `present_state`, the last `k - 1` positions of past and input.
/// - Attribute: `activation`: none (default), or silu or swish: `x * sigmoid(x)`, in single precision.
/// - Errors: `shape.rank`, `shape.open`, those of Conv.
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
    guard let channels = shape[0].value, let length = shape[2].value, length >= 1 else {
      throw .unsupported("shape.open", "weight has shape \(shape), expected numbers")
    }
    var padded = input
    if let past = graph.optional(3) {
      padded = try graph.add(Concat(axis: 2), past, input)
    } else if length > 1 {
      padded = try graph.add(Pad(), input, graph.integers([0, 0, length - 1, 0, 0, 0]))
    }
    var output = try graph.add(Conv(group: channels), padded, weight, graph.optional(2))
    if activation != "none" {
      let wide = try graph.add(Cast(to: .f32), output)
      output = try graph.add(
        CastLike(), graph.add(Mul(), wide, graph.add(Sigmoid(), wide)), input)
    }
    let kept = length > 1 ? [1 - length, Int(Int32.max)] : [0, 0]
    let state = try graph.add(
      Slice(), padded, graph.integers([kept[0]]), graph.integers([kept[1]]), graph.integers([2]))
    return [output, state]
  }
}
