public import Diagnostics
public import IR
import Ops
import Passes

extension Graph {
  /// The graph whose evaluation, operator by operator, defines what the model computes.
  ///
  /// For most models that is the model itself. Between QuantizeLinear and DequantizeLinear arithmetic is on integers, so
  /// that every engine can give the same bytes (docs/decisions/0013-integers.md): such layers are in their integer form.
  ///
  /// - Throws: `pass.verify` (internal), and whatever a pass throws.
  public func reference() throws(Diagnostic) -> Graph {
    guard isQuantized else { return self }
    var graph = self
    _ = try Optimizer().run(.reference, on: &graph)
    return graph
  }

  /// Whether some of its values are quantized.
  var isQuantized: Bool { nodeIDs.contains { Self.isQuantization(self[$0].op) } }

  private static func isQuantization(_ op: any Op) -> Bool {
    switch op {
    case is QuantizeLinear, is DequantizeLinear, is QLinearConv, is QLinearMatMul, is IntQuant,
      is BipolarQuant, is DynamicQuantizeLinear, is ConvInteger, is MatMulInteger:
      true
    default: false
    }
  }
}
