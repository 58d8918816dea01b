import Diagnostics
import IR
import Tensors

extension Scan {
  /// The scan as a loop that takes the slices itself, for more runs than are written out.
  ///
  ///     %s, %y = Scan(%s0, %x)
  /// ->
  ///     %s, %y = Loop(length of %x, _, %s0, %x)      // its body gathers slice number %i of %x
  ///
  /// - Returns: nil where a rank is not known.
  func loop(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    var scanned: [ValueID?] = []
    for number in 0..<scanInputCount {
      let input = try graph.input(stateCount + number)
      guard graph.type(input)?.shape != nil else { return nil }
      scanned.append(input)
    }
    guard let first = scanned[0], let rank = graph.type(first)?.shape?.count else { return nil }
    let axis = try Axes.one(inputAxes[0], rank: rank)
    let length = try graph.add(Shape(start: axis, end: axis + 1), first)
    let runs = try graph.add(Squeeze(), length, graph.integers([0]))
    let last = try graph.add(Sub(), runs, graph.constant(Tensor(scalar: Int64(1))))
    let captured = scanned + [last] + graph.suffix(captureCount)
    let states = (0..<stateCount).map { graph.optional($0) }
    let loop = Loop(
      body: try step(captured.map { $0.flatMap { graph.type($0) }.map { .tensor($0) } }, context),
      captureCount: captured.count)
    let outputs = try graph.addAll(
      loop, [runs, nil] + states + captured, outputCount: body.outputs.count)
    var results = Array(outputs.prefix(stateCount))
    for (place, value) in outputs.dropFirst(stateCount).enumerated() {
      results.append(try placed(value, place, &graph))
    }
    return graph.finish(results)
  }

  /// What has been collected along its axis and in its direction.
  private func placed(
    _ value: ValueID, _ place: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    var value = value
    if reversedOutputs[place] {
      value = try graph.add(
        Slice(), value, graph.integers([-1]), graph.integers([Int(Int32.min)]),
        graph.integers([0]), graph.integers([-1]))
    }
    let rank = try graph.shape(value).count
    let axis = try Axes.one(outputAxes[place], rank: rank)
    guard axis > 0 else { return value }
    var order = Array(1..<rank)
    order.insert(0, at: axis)
    return try graph.add(Transpose(permutation: order), value)
  }

  /// The body of the loop: number, condition, states, scan inputs, the last number, captures.
  private func step(_ captured: [ValueType?], _ context: InferenceContext) throws(Diagnostic)
    -> Graph
  {
    let states = body.inputs.prefix(stateCount).map { body[$0].type }
    let fixed: [ValueType?] = [.tensor(.i64, []), .tensor(.bool, [])]
    var graph = Composer(
      InferenceContext(
        types: fixed + states + captured, constants: [], contents: [],
        outputCount: body.outputs.count + 1, symbolPrefix: "\(context.symbolPrefix)/step"))
    let number = try graph.input(0)
    let firstScanned = 2 + stateCount
    let last = try graph.input(firstScanned + scanInputCount)
    var slices: [ValueID?] = []
    for (scanned, axis) in inputAxes.enumerated() {
      let position = reversedInputs[scanned] ? try graph.add(Sub(), last, number) : number
      slices.append(
        try graph.add(Gather(axis: axis), try graph.input(firstScanned + scanned), position))
    }
    let own = (0..<stateCount).map { graph.optional($0 + 2) }
    let results = try graph.inline(body, own + slices + graph.suffix(captureCount))
    let condition = try graph.add(Identity(), try graph.input(1))
    return graph.finish([condition] + results)
  }
}
