import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Averages integers rather than the numbers that they stand for.
  ///
  ///     %x = DequantizeLinear(%q, %s, %z)
  ///     %y = GlobalAveragePool(%x)      // also AveragePool, ReduceMean, Resize between pixels
  /// ->
  ///     %f = Cast(%q) {to = f32}
  ///     %a = GlobalAveragePool(%f)
  ///     %y = (%a - float(%z)) * %s
  ///
  /// Sums of integers are exact in single precision while they stay below 2^24, whatever their order, and are divided once:
  /// every processor gives the same average. Resize by a power of two has weights that are exact too. Preconditions: one
  /// scale and zero point for %x; no padding that counts; sums that stay so small.
  package static let averageIntegers = Pass(
    "average-integers", "average integers rather than the numbers that they stand for"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let node = rw.node(id), node.outputs.count == 1, node.inputs.count > 0,
        let count = averagedCount(node, rw), let source = Dequantized(node.inputs[0], rw),
        source.parameters.isPerTensor, RoundToInteger.targets.contains(source.parameters.type),
        rw.constant(source.value) == nil
      else { continue }
      let range = source.parameters.type.integerRange
      guard count * max(-range.lowerBound, range.upperBound) < 1 << 24 else { continue }
      let name = node.name
      let floats = try rw.insert(
        Cast(to: .f32), inputs: [source.value], before: id, name: name + ".integers")
      var value = try rw.insert(
        node.op, inputs: [floats] + node.inputs.dropFirst(), before: id, name: name + ".average")
      if source.parameters.zeroPoint != 0 {
        let zero = rw.makeConstant(
          Tensor(scalar: Float(source.parameters.zeroPoint)), name: name + ".zero_point")
        value = try rw.insert(Sub(), inputs: [value, zero], before: id, name: name + ".difference")
      }
      let scale = rw.makeConstant(Tensor(scalar: source.parameters.scale), name: name + ".scale")
      try rw.replace(id, with: Mul(), inputs: [value, scale])
    }
  }

  /// How many numbers a result is the average of; nil for other operators, and where it is not known.
  private static func averagedCount(_ node: Node, _ rw: Rewriter) -> Int? {
    switch node.op {
    case let pool as AveragePool:
      let pads = pool.window.pads ?? []
      let isPadded = pads.contains { $0 != 0 } || pool.window.autoPad != .notSet
      return pool.countIncludePad && isPadded ? nil : pool.window.kernelShape?.reduce(1, *)
    case is GlobalAveragePool, is ReduceMean:
      guard let input = rw.shape(node.inputs[0]), let output = rw.shape(node.outputs[0]) else {
        return nil
      }
      return ratio(input, output)
    case let resize as Resize:
      return resize.mode == .linear && resize.coordinates != .cropAndResize ? 1 : nil
    default: return nil
    }
  }

  /// How many times as many elements one shape has as another; open sizes have to be in both.
  private static func ratio(_ shape: [IndexExpr], _ other: [IndexExpr]) -> Int? {
    var rest = other.filter { !$0.isConstant }
    for size in shape where !size.isConstant {
      guard let place = rest.firstIndex(of: size) else { return nil }
      rest.remove(at: place)
    }
    let divisor = other.compactMap(\.value).reduce(1, *)
    guard rest.isEmpty, divisor > 0 else { return nil }
    return shape.compactMap(\.value).reduce(1, *) / divisor
  }
}
