/// The quantizers of QONNX under the names that exporters have given them.
///
/// Source: QONNX 1.0, docs/qonnx-custom-ops/overview.md; Brevitas and FINN write them into domains of their own.
enum QONNXNames {
  private static let domain = "qonnx.custom_op.general"
  private static let domains: Set = [domain, "onnx.brevitas", "finn.custom_op.general"]
  private static let names = [
    "BipolarQuant": "BipolarQuant", "IntQuant": "IntQuant", "Quant": "IntQuant", "Trunc": "Trunc",
  ]

  /// The node under its own name; nil where it is none of them, or has it already.
  static func rename(_ node: SourceNode) -> SourceNode? {
    guard domains.contains(node.domain), let name = names[node.op],
      node.domain != domain || name != node.op, node.opset != nil
    else { return nil }
    return SourceNode(
      name: node.name, domain: domain, op: name, opset: node.opset, inputs: node.inputs,
      outputs: node.outputs, attributes: node.attributes)
  }
}
