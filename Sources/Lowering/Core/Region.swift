import Diagnostics
import IR
import Loops
import Ops
import Tensors

/// Elementwise operators that run on one position: the epilogue of an anchor, or a loop nest of their own.
package struct Region {
  /// The graph that holds the operators: a fused node's body, or a graph of one node.
  let body: Graph
  /// The elementwise nodes, in order.
  let nodes: [NodeID]
  /// The value that the anchor computes; nil where every value comes from memory.
  let seed: ValueID?
  /// Values read from memory, each with its place.
  let operands: [ValueID: Placed]
  /// Values known as one number for all positions.
  let literals: [ValueID: Expr]
  /// The value that is stored.
  let result: ValueID
  /// The shape of the positions at which it is computed.
  let shape: [IndexExpr]

  /// The type of what the anchor computes.
  var seedElement: ElementType? { seed.flatMap { body.tensorType($0)?.element } }

  /// The statements that compute the region at a position, and the value to store.
  ///
  /// - Parameter seedValue: the anchor's value at this position.
  func evaluate(
    at position: [IndexExpr], seedValue: Expr?, _ builder: KernelBuilder
  ) throws(Diagnostic) -> (statements: [Statement], value: Expr) {
    var statements: [Statement] = []
    var values = literals
    if let seed, let seedValue {
      let local = builder.local("t", seedValue.type)
      statements.append(.let(local, seedValue))
      values[seed] = .local(local)
    }
    for id in nodes {
      let node = body[id]
      guard let op = node.op as? any ElementwiseLowerable, let output = node.outputs.first ?? nil
      else { continue }
      var inputs: [Expr?] = []
      for input in node.inputs.prefix(op.readOperandCount) {
        guard let input else {
          inputs.append(nil)
          continue
        }
        if values[input] == nil, let placed = operands[input] {
          let local = builder.local("t", placed.element)
          statements.append(.let(local, load(placed, at: position, builder)))
          values[input] = .local(local)
        }
        guard let value = values[input] else {
          throw .internal(
            "lowering.region", "value '\(body[input].name)' of a fused region has no source")
        }
        inputs.append(value)
      }
      let result = body.tensorType(output)?.element ?? .f32
      let local = builder.local("t", result)
      statements.append(.let(local, try apply(op, inputs, result)))
      values[output] = .local(local)
    }
    guard let value = values[result] else {
      throw .internal("lowering.region", "a fused region computes no result")
    }
    return (statements, value)
  }

  /// The operator's result for one lane: 16-bit floats are computed in single precision and rounded once.
  private func apply(
    _ op: any ElementwiseLowerable, _ operands: [Expr?], _ result: ElementType
  ) throws(Diagnostic) -> Expr {
    let isHalf = { (type: ElementType) in type == .f16 || type == .bf16 }
    let wide = operands.map { operand in
      operand.map { op.widensOperands && isHalf($0.type) ? Expr.convert($0, .f32, .plain) : $0 }
    }
    let value = try op.value(
      wide, ElementwiseTypes(operands: wide.map { $0?.type }, result: result))
    return value.type == result ? value : .convert(value, result, .plain)
  }

  /// The operand's element for an output position; lanes beyond the last channel of a blocked nest read nothing
  /// where the operand does not store them.
  private func load(
    _ placed: Placed, at position: [IndexExpr], _ builder: KernelBuilder
  ) -> Expr {
    let view = builder.view(placed)
    let inside = broadcastPosition(position, to: placed.shape, of: shape)
    let missing = position.count - placed.shape.count
    let channel = 1 - missing
    guard placed.layout.block == nil || placed.layout.order != nil, channel >= 0,
      channel < placed.shape.count,
      let extent = placed.shape[channel].value, extent > 1,
      let last = inside[channel].upperBound, last >= extent
    else { return view.load(inside) }
    let isInside = Expr.compare(.less, .index(inside[channel]), .index(IndexExpr(extent)))
    let zero =
      placed.element.isFloat
      ? Expr.float(0, placed.element) : Expr.integer(0, placed.element)
    return view.load(inside, when: isInside, otherwise: zero)
  }
}
