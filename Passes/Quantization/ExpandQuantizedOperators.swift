import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Writes operators of quantized operands as the float ones between DequantizeLinear and QuantizeLinear.
  ///
  ///     %y = QLinearConv(%x, %sx, %zx, %w, %sw, %zw, %sy, %zy, %b)      // also QLinearMatMul
  /// ->
  ///     %xf = DequantizeLinear(%x, %sx, %zx)
  ///     %wf = DequantizeLinear(%w, %sw, %zw) {axis = 0}
  ///     %bf = DequantizeLinear(%b, %sx * %sw) {axis = 0}
  ///     %yf = Conv(%xf, %wf, %bf)
  ///     %y = QuantizeLinear(%yf, %sy, %zy)
  ///
  /// So that what follows knows one form. Preconditions: scales and zero points are constants, those of a matrix
  /// product's operands one number each or, on the right, one per column.
  package static let expandQuantizedOperators = Pass(
    "expand-quantized-operators", "write QLinear operators as float ones between Q and DQ"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      if let match = rw.match(id, as: QLinearConv.self) {
        try expand(match, &rw)
      } else if let match = rw.match(id, as: QLinearMatMul.self) {
        try expand(match, &rw)
      }
    }
  }

  private static func expand(
    _ match: Match<QLinearConv>, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    let inputs = match.node.inputs
    guard let xScale = rw.constant(match.input(1)), let wScale = rw.constant(match.input(4)),
      [2, 5, 6, 7].allSatisfy({ rw.constant(inputs[$0]) != nil })
    else { return }
    let name = match.node.name
    let x = try rw.insert(
      DequantizeLinear(), inputs: Array(inputs[0..<3]), before: match.id, name: name + ".x")
    let alongFilters = DequantizeLinear(grid: QuantizationGrid(axis: 0))
    let w = try rw.insert(
      alongFilters, inputs: Array(inputs[3..<6]), before: match.id, name: name + ".w")
    var operands: [ValueID?] = [x, w]
    if let bias = match.input(8) {
      let factor = xScale.array(of: Float.self)[0]
      let scales = wScale.array(of: Float.self).map { factor * $0 }
      let scale = rw.makeConstant(
        Tensor(scales, shape: wScale.shape), name: name + ".bias_scale")
      operands.append(
        try rw.insert(alongFilters, inputs: [bias, scale], before: match.id, name: name + ".bias"))
    }
    let y = try rw.insert(
      Conv(group: match.op.group, window: match.op.window), inputs: operands, before: match.id,
      name: name + ".y")
    try rw.replace(match.id, with: QuantizeLinear(), inputs: [y, inputs[6], inputs[7]])
  }

  private static func expand(
    _ match: Match<QLinearMatMul>, _ rw: inout Rewriter
  ) throws(Diagnostic) {
    let inputs = match.node.inputs
    guard [1, 2, 6, 7].allSatisfy({ rw.constant(inputs[$0])?.elementCount == 1 }),
      let scale = rw.constant(inputs[4]), rw.constant(inputs[5]) != nil,
      scale.elementCount == 1 || scale.rank == 1, let rank = rw.rank(inputs[3]), rank > 0
    else { return }
    let name = match.node.name
    let a = try rw.insert(
      DequantizeLinear(), inputs: Array(inputs[0..<3]), before: match.id, name: name + ".a")
    let b = try rw.insert(
      DequantizeLinear(grid: QuantizationGrid(axis: rank - 1)), inputs: Array(inputs[3..<6]),
      before: match.id, name: name + ".b")
    let y = try rw.insert(MatMul(), inputs: [a, b], before: match.id, name: name + ".y")
    try rw.replace(match.id, with: QuantizeLinear(), inputs: [y, inputs[6], inputs[7]])
  }
}
