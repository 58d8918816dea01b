package import Diagnostics
package import IR
package import Tensors

/// Runs a graph for every slice of tensors along their scan axes, handing states from run to run.
///
/// - Inputs: the initial states, of any number; the scan inputs, all of one length along their scan axes; what the body captures.
///   Outputs: the states after the last run, then for each further output of the body its results of all runs along its scan axis.
/// - Attributes: `body`: a graph of the states and one slice of each scan input, which gives states and slices of the scan outputs;
///   `num_scan_inputs`; `scan_input_axes`, `scan_output_axes`: 0 by default; `scan_input_directions`,
///   `scan_output_directions`: 1 for slices from the last to the first; `captures`: how many inputs are captured.
/// - Errors: `region.inputs`, `region.outputs`, `region.input-type`, `region.types`, `attribute.axis`, `attribute.length`,
///   `shape.mismatch`.
/// - Source: ONNX Scan-25 (versions 9, 11 with negative axes, 16, 19, 21, 23, 24, 25; version 8 is `martlet.BatchedScan`).
package struct Scan: RegionOp, Composed {
  package static let schema = OpSchema(
    "Scan", versions: [8, 9, 11, 16, 19, 21, 23, 24, 25],
    inputs: [.variadic("initial_state_and_scan_inputs", "")],
    outputs: [.variadic("final_state_and_scan_outputs", "")])

  package var body: Graph
  package var captureCount: Int
  package var scanInputCount: Int
  package var inputAxes: [Int]
  package var outputAxes: [Int]
  package var reversedInputs: [Bool]
  package var reversedOutputs: [Bool]

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let body = try attributes.graph("body") else { throw attributes.missing("body") }
    self.body = body
    captureCount = try attributes.int(Self.captureAttribute, default: 0)
    scanInputCount = try attributes.requiredInt("num_scan_inputs")
    let states = body.inputs.count - captureCount - scanInputCount
    let outputs = body.outputs.count - states
    guard scanInputCount >= 1, states >= 0, outputs >= 0 else {
      throw Diagnostic(
        "region.inputs",
        "graph 'body' has \(body.inputs.count - captureCount) inputs and \(body.outputs.count) outputs, which do not fit \(scanInputCount) scan inputs"
      )
    }
    func list(_ name: String, _ count: Int) throws(Diagnostic) -> [Int] {
      let values = try attributes.ints(name) ?? []
      guard values.isEmpty || values.count == count else {
        throw Diagnostic(
          "attribute.length", "'\(name)' has \(values.count) values, expected \(count)")
      }
      return values.isEmpty ? Array(repeating: 0, count: count) : values
    }
    inputAxes = try list("scan_input_axes", scanInputCount)
    outputAxes = try list("scan_output_axes", outputs)
    reversedInputs = try list("scan_input_directions", scanInputCount).map { $0 != 0 }
    reversedOutputs = try list("scan_output_directions", outputs).map { $0 != 0 }
  }

  /// Scans forwards.
  package init(
    body: Graph, scanInputCount: Int, inputAxes: [Int], outputAxes: [Int], captureCount: Int = 0
  ) {
    self.body = body
    self.scanInputCount = scanInputCount
    self.inputAxes = inputAxes
    self.outputAxes = outputAxes
    self.captureCount = captureCount
    reversedInputs = inputAxes.map { _ in false }
    reversedOutputs = outputAxes.map { _ in false }
  }

  package var attributes: Attributes {
    func given(_ values: [Int]) -> [Int]? { values.contains { $0 != 0 } ? values : nil }
    return Attributes {
      $0["body"] = .graph(body)
      $0.int("num_scan_inputs", scanInputCount)
      $0.ints("scan_input_axes", given(inputAxes))
      $0.ints("scan_output_axes", given(outputAxes))
      $0.ints("scan_input_directions", given(reversedInputs.map { $0 ? 1 : 0 }))
      $0.ints("scan_output_directions", given(reversedOutputs.map { $0 ? 1 : 0 }))
      $0.int(Self.captureAttribute, captureCount, default: 0)
    }
  }

  package var isDeterministic: Bool { body.isDeterministic }
  package var stateCount: Int { body.inputs.count - captureCount - scanInputCount }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    if node.opset < 9 { BatchedScan.take(&node) }
  }

  package static func argumentTypes(of name: String, node: ImportedNode, types: [ValueType?])
    -> [ValueType?]
  {
    guard case .int(let count)? = node.attributes["num_scan_inputs"], count >= 0 else { return [] }
    var axes = Array(repeating: 0, count: count)
    if case .ints(let given)? = node.attributes["scan_input_axes"], given.count == count {
      axes = given
    }
    if node.opset < 9 { return BatchedScan.argumentTypes(types, scanInputCount: count) }
    let states = types.dropLast(count)
    let slices = zip(types.suffix(count), axes).map { type, axis in
      type?.tensor.map { sliceType($0, axis: axis) }
    }
    return Array(states) + slices
  }

  /// A type without one axis.
  static func sliceType(_ type: TensorType, axis: Int) -> ValueType {
    guard var shape = type.shape, let place = try? Axes.one(axis, rank: shape.count) else {
      return .tensor(TensorType(type.element, nil))
    }
    shape.remove(at: place)
    return .tensor(type.element, shape)
  }

  package static func feedback(of name: String, node: ImportedNode, inputCount: Int)
    -> [(output: Int, input: Int)]
  {
    guard case .int(let count)? = node.attributes["num_scan_inputs"] else { return [] }
    let skipped = node.opset < 9 ? 1 : 0
    return (0..<max(0, inputCount - count - skipped)).map { ($0, $0) }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let own = context.types.dropLast(captureCount)
    let states = Array(own.prefix(stateCount))
    var slices: [ValueType?] = []
    for (type, axis) in zip(own.dropFirst(stateCount), inputAxes) {
      if let shape = type?.tensor?.shape { _ = try Axes.one(axis, rank: shape.count) }
      slices.append(type?.tensor.map { Self.sliceType($0, axis: axis) })
    }
    try check(body, "body", own: states + slices, context)
    let known = context.outerSymbols
    var types: [ValueType] = []
    for (number, initial) in states.enumerated() {
      let final = body[body.outputs[number]].type
      let entered = body[body.inputs[number]].type
      guard entered.accepts(final) else {
        throw Diagnostic(
          "region.types",
          "state \(number) is \(entered) before a run of 'body' and \(final) after it")
      }
      types.append(
        initial?.joined(with: final) {
          $0.symbols.isSubset(of: known)
        } fresh: {
          context.freshDimension(output: number, axis: $0)
        } ?? final)
    }
    let length = try length(context)
    for (number, id) in body.outputs.dropFirst(stateCount).enumerated() {
      types.append(
        try collected(
          body[id].type, stateCount + number, length, known, outputAxes[number], context))
    }
    return types
  }

  private func collected(
    _ type: ValueType, _ output: Int, _ length: IndexExpr?, _ known: Set<Symbol>, _ axis: Int,
    _ context: InferenceContext
  ) throws(Diagnostic) -> ValueType {
    guard let tensor = type.tensor else {
      throw Diagnostic("region.types", "output \(output) collects \(type), expected a tensor")
    }
    guard let shape = tensor.shape else { return .tensor(TensorType(tensor.element, nil)) }
    let place = try Axes.one(axis, rank: shape.count + 1)
    var whole = shape
    whole.insert(length ?? context.freshDimension(output: output, axis: place), at: place)
    let isRun = length?.lowerBound.map { $0 > 0 } ?? false
    for (number, dimension) in whole.enumerated() where number != place && !dimension.isConstant {
      if !isRun || !dimension.symbols.isSubset(of: known) {
        whole[number] = context.freshDimension(output: output, axis: number)
      }
    }
    return .tensor(tensor.element, whole)
  }

  /// The number of slices; nil where a rank is not known.
  package func length(_ context: InferenceContext) throws(Diagnostic) -> IndexExpr? {
    var length: IndexExpr?
    for (number, axis) in inputAxes.enumerated() {
      guard let shape = context.types[stateCount + number]?.tensor?.shape else { continue }
      let dimension = shape[try Axes.one(axis, rank: shape.count)]
      length =
        try length.map { known throws(Diagnostic) in
          try .unify(known, dimension, "the length of scan inputs 0 and \(number)")
        } ?? dimension
    }
    return length
  }

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    guard let runs = try length(context)?.value, runs > 0, Unrolling.allows(runs, of: body) else {
      return try loop(context)
    }
    var graph = Composer(context)
    var states: [ValueID?] = (0..<stateCount).map { graph.optional($0) }
    var collected: [[ValueID]] = Array(repeating: [], count: outputAxes.count)
    for run in 0..<runs {
      var slices: [ValueID?] = []
      for (number, axis) in inputAxes.enumerated() {
        let position = reversedInputs[number] ? runs - 1 - run : run
        slices.append(
          try graph.add(
            Gather(axis: axis), try graph.input(stateCount + number),
            graph.constant(Tensor(scalar: Int64(position)))))
      }
      let results = try graph.inline(body, states + slices + graph.suffix(captureCount))
      states = Array(results.prefix(stateCount))
      for (place, value) in results.dropFirst(stateCount).enumerated() {
        collected[place].append(value)
      }
    }
    var outputs = states.compactMap { $0 }
    for (place, parts) in collected.enumerated() {
      let parts = reversedOutputs[place] ? parts.reversed() : parts
      outputs.append(try graph.stack(parts, axis: outputAxes[place]))
    }
    return graph.finish(outputs)
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let captured = try ControlFlow.captured(inputs, captureCount)
    let own = try ControlFlow.required(inputs.dropLast(captureCount))
    var states = Array(own.prefix(stateCount))
    var scanned: [(tensor: Tensor, axis: Int)] = []
    for (value, axis) in zip(own.dropFirst(stateCount), inputAxes) {
      guard let tensor = value.tensor else {
        throw Diagnostic("type.not-a-tensor", "a scan input is \(value.type), expected a tensor")
      }
      scanned.append((tensor, try Axes.one(axis, rank: tensor.rank)))
    }
    let length = scanned.first.map { $0.tensor.shape[$0.axis] } ?? 0
    for (number, (tensor, axis)) in scanned.enumerated() where tensor.shape[axis] != length {
      throw Diagnostic(
        "shape.mismatch",
        "the length of scan inputs 0 and \(number) is \(length) and \(tensor.shape[axis]), expected equal dimensions"
      )
    }
    var collected: [[Tensor]] = Array(repeating: [], count: outputAxes.count)
    for step in 0..<length {
      let slices = zip(scanned, reversedInputs).map { scanned, isReversed in
        Value.tensor(
          scanned.tensor.slice(at: isReversed ? length - 1 - step : step, axis: scanned.axis))
      }
      let results = try body.evaluate(states + slices + captured)
      states = Array(results.prefix(stateCount))
      for (place, value) in results.dropFirst(stateCount).enumerated() {
        guard let tensor = value.tensor else {
          throw Diagnostic("region.types", "a collected value is \(value.type), expected a tensor")
        }
        collected[place].append(tensor)
      }
    }
    var outputs = states
    for (place, parts) in collected.enumerated() {
      let parts = reversedOutputs[place] ? parts.reversed() : parts
      outputs.append(.tensor(try stacked(parts, place)))
    }
    return outputs
  }

  private func stacked(_ parts: [Tensor], _ place: Int) throws(Diagnostic) -> Tensor {
    if let first = parts.first {
      return try .stack(parts, axis: Axes.one(outputAxes[place], rank: first.rank + 1))
    }
    let type = body.tensorType(body.outputs[stateCount + place])
    var shape = (type?.shape ?? []).map { $0.value ?? 0 }
    shape.insert(0, at: try Axes.one(outputAxes[place], rank: shape.count + 1))
    return Tensor(zeros: shape, type: type?.element ?? .f32)
  }
}
