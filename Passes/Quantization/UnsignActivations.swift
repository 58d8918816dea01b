import Diagnostics
import IR
import Ops
package import PassManager
import Tensors

extension Pass {
  /// Moves quantized activations from signed to unsigned integers: byte products take one operand of each kind.
  ///
  ///     %q = QuantizeLinear(%x, %s, %z)         // %z: i8; all readers of %q are DequantizeLinear
  ///     %y = DequantizeLinear(%q, %s, %z)
  /// ->
  ///     %q = QuantizeLinear(%x, %s, %z1)        // z1 = z + 128: u8
  ///     %y = DequantizeLinear(%q, %s, %z1)
  ///
  /// Signed bytes that are an input, or come from anything but a QuantizeLinear, are moved where a layer reads them:
  ///
  ///     %y = DequantizeLinear(%q, %s, %z)       // a Conv, ConvTranspose, Gemm or MatMul reads %y
  /// ->
  ///     %u = Cast(Add(Cast(%q) {to = i32}, 128)) {to = u8}
  ///     %y = DequantizeLinear(%u, %s, %z1)
  ///
  /// and so is the first operand of ConvInteger and MatMulInteger.
  ///
  /// Every value stays what it was. Preconditions: constant parameters, one pair for the tensor.
  package static let unsignActivations = Pass(
    "unsign-activations", "move quantized activations from signed to unsigned integers"
  ) { (rw) throws(Diagnostic) in
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: QuantizeLinear.self),
        let own = QuantizationParameters(match, rw), let target = unsigned(own.type),
        own.isPerTensor,
        let output = match.output, !rw.isGraphOutput(output)
      else { continue }
      let readers = rw.graph.readers(of: output)
      let matches = readers.compactMap { reader -> Match<DequantizeLinear>? in
        guard let match = rw.match(reader, as: DequantizeLinear.self), match.input(0) == output,
          let parameters = QuantizationParameters(match, rw), parameters.isPerTensor
        else { return nil }
        return match
      }
      guard matches.count == readers.count, !matches.isEmpty else { continue }
      // A new value, since the old one's type is part of its readers' meaning.
      let zero = zeroPoint(own.zeroPoint, target, named: match.node.name, &rw)
      let op = QuantizeLinear(grid: match.op.grid, precision: match.op.precision)
      let moved = try rw.insert(
        op, inputs: [match.input(0), match.input(1), zero], before: id, name: match.node.name)
      for reader in matches {
        let parameters = QuantizationParameters(reader, rw)
        let zero = zeroPoint(parameters?.zeroPoint ?? 0, target, named: reader.node.name, &rw)
        try rw.replace(reader.id, with: reader.op, inputs: [moved, reader.input(1), zero])
      }
    }
    for id in rw.graph.nodeIDs {
      guard let match = rw.match(id, as: DequantizeLinear.self), let source = match.input(0),
        let parameters = QuantizationParameters(match, rw), let target = unsigned(parameters.type),
        parameters.isPerTensor, rw.constant(source) == nil, isReadByLayer(match.output, rw)
      else { continue }
      let name = match.node.name
      let moved = try unsigned(source, target, before: id, name: name, &rw)
      let zero = zeroPoint(parameters.zeroPoint, target, named: name, &rw)
      try rw.replace(id, with: match.op, inputs: [moved, match.input(1), zero])
    }
    for id in rw.graph.nodeIDs { try unsignOperand(id, &rw) }
  }

  /// Moves the signed first operand of a product of integers, and its zero point with it.
  private static func unsignOperand(_ id: NodeID, _ rw: inout Rewriter) throws(Diagnostic) {
    guard let node = rw.node(id), node.op is ConvInteger || node.op is MatMulInteger,
      let source = node.inputs[0], rw.type(source)?.element == .i8, rw.constant(source) == nil
    else { return }
    var inputs = node.inputs
    inputs[0] = try unsigned(source, .u8, before: id, name: node.name + ".x", &rw)
    let zero = inputs.count > 2 ? inputs[2] : nil
    while inputs.count < 3 { inputs.append(nil) }
    if let zero, rw.constant(zero) == nil {
      inputs[2] = try unsigned(zero, .u8, before: id, name: node.name + ".zero_point", &rw)
    } else {
      let points = rw.constant(zero)
      let moved = (points?.integers ?? [0]).map { $0 + 128 }
      inputs[2] = rw.makeConstant(
        Tensor(integers: moved, shape: points?.shape ?? [], type: .u8),
        name: node.name + ".zero_point")
    }
    try rw.replace(id, with: node.op, inputs: inputs)
  }

  /// The type that activations of a type move to; nil where they stay.
  private static func unsigned(_ type: ElementType) -> ElementType? {
    type == .i8 ? .u8 : type == .i16 ? .u16 : nil
  }

  /// How far numbers move.
  private static func offset(_ target: ElementType) -> Int { 1 << (target.bitWidth - 1) }

  /// Signed integers and half their range.
  private static func unsigned(
    _ source: ValueID, _ target: ElementType, before id: NodeID, name: String, _ rw: inout Rewriter
  ) throws(Diagnostic) -> ValueID {
    let wide = try rw.insert(Cast(to: .i32), inputs: [source], before: id, name: name + ".wide")
    let offset = rw.makeConstant(Tensor(scalar: Int32(offset(target))), name: name + ".offset")
    let moved = try rw.insert(Add(), inputs: [wide, offset], before: id, name: name + ".moved")
    return try rw.insert(Cast(to: target), inputs: [moved], before: id, name: name + ".unsigned")
  }

  private static func isReadByLayer(_ value: ValueID?, _ rw: Rewriter) -> Bool {
    guard let value else { return false }
    return rw.graph.readers(of: value).contains { reader in
      let op = rw.graph[reader].op
      return op is Conv || op is ConvTranspose || op is Gemm || op is MatMul
    }
  }

  private static func zeroPoint(
    _ signed: Int, _ target: ElementType, named name: String, _ rw: inout Rewriter
  ) -> ValueID {
    rw.makeConstant(
      Tensor(integers: [signed + offset(target)], shape: [], type: target),
      name: name + ".zero_point")
  }
}
