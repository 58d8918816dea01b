import IR
import Ops
import PassManager
import Tensors

/// The constants of a QuantizeLinear or DequantizeLinear in single precision.
extension QuantizationParameters {
  var isPerTensor: Bool { axis == nil }
  /// Those of a whole tensor.
  var scale: Float { scales[0] }
  var zeroPoint: Int { zeroPoints[0] }

  /// What a QuantizeLinear does, if it is as simple as that.
  init?(_ match: Match<QuantizeLinear>, _ rw: Rewriter) {
    guard rw.type(match.input(0))?.element == .f32, let output = match.output,
      let element = rw.type(output)?.element, match.op.precision.map({ $0 == .f32 }) ?? true
    else { return nil }
    self.init(match.node, match.op.grid, element, rank: rw.rank(output), rw)
  }

  /// What a DequantizeLinear does, if it is as simple as that.
  init?(_ match: Match<DequantizeLinear>, _ rw: Rewriter) {
    guard let input = match.input(0), let element = rw.type(input)?.element,
      rw.type(match.output)?.element == .f32
    else { return nil }
    self.init(match.node, match.op.grid, element, rank: rw.rank(input), rw)
  }

  private init?(
    _ node: Node, _ grid: QuantizationGrid, _ element: ElementType, rank: Int?, _ rw: Rewriter
  ) {
    guard grid.blockSize == 0, element.isInteger, let rank,
      let scale = rw.constant(node.inputs[1]), scale.type == .f32, scale.elementCount > 0
    else { return nil }
    let scales = scale.array(of: Float.self)
    var zeros = scales.map { _ in 0 }
    if node.inputs.count > 2, let input = node.inputs[2] {
      guard let points = rw.constant(input)?.integers, points.count == scales.count else {
        return nil
      }
      zeros = points
    }
    guard scales.allSatisfy({ $0.isFinite && $0 > 0 }) else { return nil }
    let place = grid.axis < 0 ? grid.axis + rank : grid.axis
    self.init(
      type: element, axis: scales.count == 1 ? nil : place, scales: scales, zeroPoints: zeros)
  }
}

/// Integers that a DequantizeLinear makes floats of.
struct Dequantized {
  let match: Match<DequantizeLinear>
  /// The integers.
  let value: ValueID
  let parameters: QuantizationParameters

  init?(_ value: ValueID?, _ rw: Rewriter) {
    guard let match = rw.def(of: value, as: DequantizeLinear.self), let source = match.input(0),
      let parameters = QuantizationParameters(match, rw)
    else { return nil }
    self.match = match
    self.value = source
    self.parameters = parameters
  }
}
