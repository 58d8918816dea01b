import IR
import LLVMBackend
import Loops
import Ops
import Tensors

/// What onnxruntime is not asked for, because it is known to compute something else than the standard says.
enum KnownLimits {
  /// One deviation: the nodes that it concerns, and why the interpreter's word is taken.
  struct Limit: Sendable {
    let reason: String
    let concerns: @Sendable (_ node: Node, _ graph: Graph) -> Bool
  }

  static let all: [Limit] = [
    Limit(reason: "onnxruntime or numpy, through which values come and go, has no such type") {
      node, graph in
      (node.inputs + node.outputs).contains { id in
        guard let type = id.flatMap({ graph.tensorType($0)?.element }) else { return false }
        return type == .bf16 || type.isComplex || type.isSmallFloat
          || type.bitWidth < 8 && type != .string
      }
    },
    Limit(reason: "in the opset that files declare it takes f32 alone") { node, graph in
      node.opName == "Celu" && graph.element(of: node.inputs[0]) != .f32
    },
    Limit(
      reason: "cubic samples beyond the border are taken one by one (microsoft/onnxruntime#28090), "
        + "in the standard's reference at the clamped place"
    ) { node, graph in
      guard let op = node.op as? GridSample else { return false }
      return op.mode == .cubic && op.padding != .zeros
    },
    Limit(
      reason: "variances are differences of sums in f32: of 4.72 and 4.61 3e-4 off, and of f64 more"
    ) { node, _ in
      node.opName == "GroupNormalization"
    },
    Limit(reason: "the deviation of equal numbers divides by 0, where the standard adds 1e-9") {
      node, _ in
      node.opName == "MeanVarianceNormalization"
    },
    Limit(reason: "the sign of a NaN of 16 bits is 0") { node, graph in
      node.opName == "Sign" && graph.element(of: node.inputs[0]) == .f16
    },
    Limit(reason: "results of ConvTranspose without an element are refused") { node, graph in
      node.opName == "ConvTranspose"
        && graph.shape(of: node.outputs[0])?.contains { $0.value ?? 1 <= 0 } ?? false
    },
    Limit(
      reason: "without instructions for sums of four products, pairs of u8 times i8 saturate at "
        + "16 bits"
    ) { node, graph in
      let types = node.inputs.compactMap { graph.element(of: $0) }
      return !Loops.Target.native().hasDot4 && types.contains(.u8) && types.contains(.i8)
        && ["MatMulInteger", "ConvInteger", "QLinearMatMul", "QLinearConv"].contains(node.opName)
    },
    Limit(reason: "unpadded windows are rounded up one too far, beyond the formula for VALID") {
      node, _ in
      guard let pool = node.op as? any PoolOp else { return false }
      return pool.window.autoPad == .valid && pool.window.ceilMode
    },
    Limit(reason: "coefficients of windows are rounded to f32 before they become f64") {
      node, graph in
      node.opName.hasSuffix("Window") && graph.element(of: node.outputs[0]) == .f64
    },
    Limit(
      reason:
        "the only position of an axis between aligned corners is 0, in the standard's reference -1"
    ) { node, graph in
      guard let op = node.op as? AffineGrid, op.alignCorners else { return false }
      let sizes = graph.shape(of: node.outputs[0])?.dropFirst().dropLast()
      return sizes?.contains { $0.value ?? 1 == 1 } ?? true
    },
    Limit(
      reason:
        "the norm MAX divides by the largest number, in the standard's reference by the largest magnitude"
    ) { node, _ in
      node.op.attributes["norm"] == nil && node.opName == "ai.onnx.ml.Normalizer"
    },
    Limit(reason: "an empty string has no parts, in the standard's reference one, which is empty") {
      node, _ in
      node.opName == "StringSplit"
    },
    Limit(reason: "its function body mixes i64 with i32: Max bound to different types") {
      node, graph in
      node.opName == "CenterCropPad" && graph.element(of: node.inputs[1]) == .i32
    },
    Limit(
      reason:
        "logarithms and powers of integers are computed in integers, or refused by its function body"
    ) {
      node, graph in
      ["ReduceLogSum", "ReduceLogSumExp", "ReduceL2"].contains(node.opName)
        && graph.element(of: node.inputs[0])?.isInteger == true
    },
  ]

  /// What onnxruntime says when it has no code for a node, which is then left out.
  static let refusals = [
    "NOT_IMPLEMENTED", "is not a registered function/op",
    // The catalog takes more types than the standard's operator: nothing to compare with.
    "Type Error: Type 'tensor(",
    // Cubic and linear sampling of pictures of one axis or of many.
    "mode only support",
    // Reductions of f16 in scatters.
    "data type is not supported with",
    // Recurrent operators.
    "does not support double yet", "layout_ == 0 was false",
    // Text in a locale that the machine lacks.
    "Failed to construct locale",
  ]

  static func nodes(in graph: Graph) -> Set<NodeID> {
    Set(graph.nodeIDs.filter { id in all.contains { $0.concerns(graph[id], graph) } })
  }
}

extension Graph {
  fileprivate func shape(of id: ValueID?) -> [IndexExpr]? { id.flatMap { tensorType($0)?.shape } }

  fileprivate func element(of id: ValueID?) -> ElementType? {
    id.flatMap { tensorType($0)?.element }
  }
}
