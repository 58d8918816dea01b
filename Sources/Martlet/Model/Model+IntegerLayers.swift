public import Diagnostics
import IR
import Ops
import PassManager
import Passes
import Tensors

/// How much of a quantized model is computed in integers.
public struct IntegerLayerSummary: Encodable, Sendable {
  /// A convolution or matrix product that is computed in floats.
  public struct FloatLayer: Encodable, Sendable {
    public let node: String
    public let op: String
    public let reason: String
  }

  /// Convolutions and matrix products, and those of them that are computed in integers.
  public let layerCount: Int
  public let integerLayerCount: Int
  /// The share of all multiply-accumulates that integers do, in 0...1; nil where a size is open.
  public let multiplyAccumulateShare: Double?
  public let floatLayers: [FloatLayer]
}

extension Model {
  /// Which layers of a quantized model are computed in integers, and why others are not; nil for models of floats.
  ///
  /// - Throws: whatever a pass throws.
  public func integerLayers() throws(Diagnostic) -> IntegerLayerSummary? {
    guard graph.isQuantized else { return nil }
    var before = graph
    _ = try Optimizer().run(.quantizedForm, on: &before)
    let after = try graph.reference()
    let floats = Set(
      after.nodeIDs.filter { Self.isFloatLayer(after[$0].op) }.map { after[$0].name })
    var floatLayers: [IntegerLayerSummary.FloatLayer] = []
    var products = (integers: IndexExpr(0), all: IndexExpr(0))
    var layerCount = 0
    let inference = TypeInference()
    for id in before.nodeIDs {
      let node = before[id]
      let work = node.op.multiplyAccumulates(inference.context(for: id, in: before))
      products.all += work
      guard Self.isFloatLayer(node.op) || Self.isIntegerLayer(node.op) else { continue }
      layerCount += 1
      if Self.isFloatLayer(node.op), floats.contains(node.name) {
        floatLayers.append(
          .init(
            node: node.name, op: node.opName,
            reason: QuantizedLayerReason.text(of: node.name, in: before)))
      } else {
        products.integers += work
      }
    }
    let share: Double? =
      if let integers = products.integers.value, let all = products.all.value, all > 0 {
        Double(integers) / Double(all)
      } else {
        nil
      }
    return IntegerLayerSummary(
      layerCount: layerCount, integerLayerCount: layerCount - floatLayers.count,
      multiplyAccumulateShare: share,
      floatLayers: floatLayers)
  }

  private static func isFloatLayer(_ op: any Op) -> Bool {
    op is Conv || op is ConvTranspose || op is Gemm || op is MatMul
  }

  private static func isIntegerLayer(_ op: any Op) -> Bool {
    op is ConvInteger || op is MatMulInteger
  }
}
