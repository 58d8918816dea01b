package import Diagnostics
package import IR
import Tensors

/// The standard's first Scan: a scan of each sequence of a batch, which may be shorter than the others.
///
/// - Inputs: `sequence_lens`, optional, `i64` `[N]`; the initial states, `[N, ...]`; the scan inputs, `[N, length, ...]`; what the
///   body captures. Outputs: the final states, `[N, ...]`; the scan outputs, `[N, length, ...]`, zeros beyond a sequence's length.
/// - Attributes: `body`, as that of Scan; `num_scan_inputs`; `directions`: 1 for scan inputs that are read backwards; `captures`.
/// - Errors: those of Scan, `shape.mismatch`.
/// - Source: ONNX Scan-8, which the file calls Scan; later versions know no batch.
package struct BatchedScan: RegionOp, Composed {
  package static let schema = OpSchema(
    "BatchedScan", domain: "martlet", versions: [1],
    inputs: [.optional("sequence_lens", "I"), .variadic("initial_state_and_scan_inputs", "")],
    outputs: [.variadic("final_state_and_scan_outputs", "")], types: ["I": .i64])

  package let attributes: Attributes
  /// What happens to one sequence.
  private let scan: Scan
  package var captureCount: Int { scan.captureCount }

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    guard let body = try reader.graph("body") else { throw reader.missing("body") }
    let count = try reader.requiredInt("num_scan_inputs")
    let directions = try reader.ints("directions")
    let captures = try reader.int(Self.captureAttribute, default: 0)
    attributes = Attributes {
      $0["body"] = .graph(body)
      $0.int("num_scan_inputs", count)
      $0.ints("directions", directions)
      $0.int(Self.captureAttribute, captures, default: 0)
    }
    let inner = Attributes {
      $0["body"] = .graph(body)
      $0.int("num_scan_inputs", count)
      $0.ints("scan_input_directions", directions)
      $0.int(Self.captureAttribute, captures, default: 0)
    }
    var innerReader = AttributeReader(
      inner, opset: 9, inputCount: reader.inputCount, outputCount: reader.outputCount)
    scan = try Scan(&innerReader)
  }

  /// Makes a node of version 8 one of this operator.
  static func take(_ node: inout ImportedNode) {
    node.op = schema.name
    node.domain = schema.domain
  }

  package var isDeterministic: Bool { scan.isDeterministic }

  package static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]
  {
    guard case .int(let count)? = node.attributes["num_scan_inputs"] else { return [] }
    return argumentTypes(types, scanInputCount: count)
  }

  /// The states without the batch, and slices without batch and length.
  static func argumentTypes(_ types: [ValueType?], scanInputCount: Int) -> [ValueType?] {
    let values = types.dropFirst()
    return values.enumerated().map { number, type in
      type?.tensor.map { tensor in
        let isState = number < values.count - scanInputCount
        guard let shape = tensor.shape, shape.count >= (isState ? 1 : 2) else {
          return .tensor(TensorType(tensor.element, nil))
        }
        return .tensor(tensor.element, Array(shape.dropFirst(isState ? 1 : 2)))
      }
    }
  }

  package static func feedback(of name: String, node: ImportedNode, inputCount: Int)
    -> [(output: Int, input: Int)]
  {
    guard case .int(let count)? = node.attributes["num_scan_inputs"] else { return [] }
    return (0..<max(0, inputCount - count - 1)).map { ($0, $0) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let own = Array(context.types.dropLast(captureCount))
    let arguments = Self.argumentTypes(own, scanInputCount: scan.scanInputCount)
    try check(scan.body, "body", own: arguments, context)
    var batch: IndexExpr?
    for type in own.dropFirst() {
      guard let dimension = type?.tensor?.shape?.first else { continue }
      batch =
        try batch.map { known throws(Diagnostic) in
          try .unify(known, dimension, "the batch")
        } ?? dimension
    }
    let length = own.last.flatMap { $0?.tensor?.shape?.dropFirst().first }
    return scan.body.outputs.enumerated().map { number, id in
      guard let tensor = scan.body.tensorType(id) else { return scan.body[id].type }
      guard let shape = tensor.shape else { return .tensor(tensor) }
      let isState = number < scan.stateCount
      let inner = shape.enumerated().map { axis, dimension in
        dimension.isConstant
          ? dimension : context.freshDimension(output: number, axis: axis + (isState ? 1 : 2))
      }
      let outer = [batch ?? context.freshDimension(output: number, axis: 0)]
      let steps = isState ? [] : [length ?? context.freshDimension(output: number, axis: 1)]
      return .tensor(tensor.element, outer + steps + inner)
    }
  }

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    guard graph.optional(0) == nil, let batch = graph.type(try graph.input(1))?.shape?.first?.value,
      batch > 0, Unrolling.allows(batch, of: scan.body)
    else { return nil }
    let operands = context.inputCount - 1 - captureCount
    var results: [[ValueID]] = Array(repeating: [], count: scan.body.outputs.count)
    for number in 0..<batch {
      let position = graph.constant(Tensor(scalar: Int64(number)))
      var one: [ValueID?] = []
      for operand in 0..<operands {
        one.append(try graph.add(Gather(axis: 0), try graph.input(operand + 1), position))
      }
      let found = try graph.addAll(
        scan, one + graph.suffix(captureCount), outputCount: results.count)
      for (place, value) in found.enumerated() { results[place].append(value) }
    }
    var outputs: [ValueID] = []
    for parts in results { outputs.append(try graph.stack(parts, axis: 0)) }
    return graph.finish(outputs)
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let captured = try ControlFlow.captured(inputs, captureCount)
    var operands: [Tensor] = []
    for value in try ControlFlow.required(inputs.dropFirst().dropLast(captureCount)) {
      guard let tensor = value.tensor, tensor.rank >= 1 else {
        throw Diagnostic("type.not-a-tensor", "an input is \(value.type), expected a batch")
      }
      operands.append(tensor)
    }
    let states = scan.stateCount
    let batch = operands.first?.shape[0] ?? 0
    let longest = operands.last.map { $0.rank > 1 ? $0.shape[1] : 0 } ?? 0
    let lengths = inputs.first??.tensor?.ints ?? Array(repeating: longest, count: batch)
    guard operands.allSatisfy({ $0.shape[0] == batch }), lengths.count == batch,
      operands.dropFirst(states).allSatisfy({ $0.rank > 1 && $0.shape[1] == longest }),
      lengths.allSatisfy({ (0...longest).contains($0) })
    else {
      throw Diagnostic(
        "shape.mismatch",
        "inputs of shapes \(operands.map(\.shape)) and lengths \(lengths) are not one batch")
    }
    var results: [[Tensor]] = Array(repeating: [], count: scan.body.outputs.count)
    for (number, length) in lengths.enumerated() {
      let arguments = operands.enumerated().map { place, tensor in
        let one = tensor.slice(at: number, axis: 0)
        return Value.tensor(place < states ? one : one.range(0..<length, axis: 0))
      }
      let found = try scan.evaluate(arguments + captured, outputCount: outputCount)
      for (place, value) in found.enumerated() {
        guard let tensor = value.tensor else { continue }
        results[place].append(place < states ? tensor : try padded(tensor, to: longest))
      }
    }
    return try results.map { parts throws(Diagnostic) in
      guard !parts.isEmpty else {
        throw Diagnostic("shape.mismatch", "the batch is empty, expected at least one sequence")
      }
      return .tensor(try .stack(parts, axis: 0))
    }
  }

  private func padded(_ tensor: Tensor, to length: Int) throws(Diagnostic) -> Tensor {
    var shape = tensor.shape
    shape[0] = length - shape[0]
    return try .joined([tensor, Tensor(zeros: shape, type: tensor.type)], axis: 0)
  }
}
