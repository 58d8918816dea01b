import Diagnostics
import IR
package import PassManager

extension Pass {
  /// Writes a quantization plan into a graph as pairs of QuantizeLinear and DequantizeLinear.
  ///
  ///     %y = Conv(%x, %w, %b)
  /// ->
  ///     %q = QuantizeLinear(%x, %s, %z)
  ///     %x1 = DequantizeLinear(%q, %s, %z)
  ///     %w1 = DequantizeLinear(%wq, %sw, %zw)      // integers, one scale per output channel
  ///     %b1 = DequantizeLinear(%bq, %sb)           // i32, sb = s * sw, so that it adds to the kernel's sums
  ///     %y = Conv(%x1, %w1, %b1)
  ///
  /// A value is quantized once for all its integer readers; float readers go on reading it as it is, and an activation
  /// function between a layer and its reader is computed before anything is rounded. Nodes that only move values are
  /// listed as integer too and then move quantized ones. Preconditions per node: the plan says integer, and what it
  /// reads has an entry in the plan and is `f32`.
  ///
  /// Source: ONNX QuantizeLinear-25, DequantizeLinear-25; Jacob et al. 2018, arXiv:1712.05877, section 2.4 (the bias).
  package static func insertQuantization(_ plan: QuantizationPlan) -> Pass {
    Pass("insert-quantization", "quantize what a plan says") { (rw) throws(Diagnostic) in
      var insertion = QuantizationInsertion(plan)
      for id in rw.graph.nodeIDs { try insertion.quantize(id, &rw) }
    }
  }
}
