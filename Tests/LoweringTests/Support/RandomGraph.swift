import Diagnostics
import IR
import Tensors

/// Grows a graph of pictures, tokens and scalars out of about thirty operators, the same for the same seed.
///
/// Values are picked from all that exist, so that fan-out, residuals, values beside their own derivatives and
/// several outputs come by themselves.
struct RandomGraph {
  private var sketch: GraphSketch
  /// Pictures `[N, C, H, W]`, which convolutions and pools take.
  private var pictures: [ValueID] = []
  /// Values of any other rank.
  private var others: [ValueID] = []

  /// A graph of at most `nodeCount` steps.
  static func make(seed: UInt64, nodeCount: Int) throws(Diagnostic) -> GraphSketch {
    var grower = RandomGraph(seed: seed)
    for _ in 0..<nodeCount { try grower.grow() }
    return grower.finished()
  }

  private init(seed: UInt64) {
    sketch = GraphSketch("random \(seed)", seed: seed)
    let channels = pick([1, 3, 5, 16, 17, 24, 33])
    let height = pick([1, 4, 7, 8, 9])
    pictures = [sketch.input([pick([1, 1, 2]), channels, height, pick([1, 5, 8, 11])])]
    if sketch.below(2) == 0 { others = [sketch.input([pick([1, 3]), pick([5, 16, 17])])] }
  }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[sketch.below(choices.count)] }

  private mutating func grow() throws(Diagnostic) {
    if !others.isEmpty, sketch.below(3) == 0 {
      others.append(try growOther(pick(others)))
      return
    }
    let x = pick(pictures)
    switch sketch.below(12) {
    case 0...3: pictures.append(try convolution(of: x))
    case 4: pictures.append(try pool(of: x))
    case 5, 6: pictures.append(try unary(x))
    case 7, 8: pictures.append(try binary(x, among: pictures))
    case 9: pictures.append(try moved(x))
    case 10: pictures.append(try normalized(x))
    default: others.append(try flattened(x))
    }
  }

  private mutating func growOther(_ x: ValueID) throws(Diagnostic) -> ValueID {
    let shape = sketch.numbers(x)
    switch sketch.below(7) {
    case 0: return try unary(x)
    case 1: return try binary(x, among: others)
    case 2 where shape.count > 1:
      let width = pick([1, 5, 16, 33])
      let product = try node("MatMul", [x, sketch.weight([shape[shape.count - 1], width])])
      return try node("Add", [product, sketch.weight([width])])
    case 3 where shape.count > 1:
      return try node("Softmax", [x], ["axis": .value(.int(sketch.below(shape.count)))])
    case 4 where shape.count > 1:
      let axes = sketch.integers([sketch.below(shape.count)])
      return try node(pick(["ReduceMean", "ReduceMax", "ReduceSum"]), [x, axes])
    case 5 where shape.count > 1:
      return try node(
        "Transpose", [x], ["perm": AttributeLiteral(Array((0..<shape.count).reversed()))])
    default:
      return try node(
        "LayerNormalization", [x, sketch.weight([shape.last ?? 1])], ["axis": -1])
    }
  }

  // MARK: Operators

  private mutating func node(
    _ op: String, _ inputs: [ValueID?], _ attributes: [String: AttributeLiteral] = [:]
  ) throws(Diagnostic) -> ValueID {
    try sketch.node(op, inputs, attributes)
  }

  private mutating func convolution(of x: ValueID) throws(Diagnostic) -> ValueID {
    let shape = sketch.numbers(x)
    let channels = shape[1]
    let kernel = [pick([1, 1, 2, 3, 3, 5]), pick([1, 1, 3, 3])]
    let pads = (0..<4).map { _ in sketch.below(3) }
    let fits = kernel.indices.allSatisfy { shape[2 + $0] + pads[$0] + pads[2 + $0] >= kernel[$0] }
    let group = pick([1, 1, channels, channels % 2 == 0 ? 2 : 1])
    let outputs = group == 1 ? pick([1, 5, 16, 17, 32]) : group * pick([1, 1, 2])
    let weights = sketch.weight(
      [outputs, channels / group] + (fits ? kernel : [1, 1]))
    let bias = pick([true, false]) ? sketch.weight([outputs]) : nil
    return try node(
      "Conv", [x, weights, bias],
      [
        "group": .value(.int(group)), "pads": AttributeLiteral(fits ? pads : [0, 0, 0, 0]),
        "strides": AttributeLiteral([pick([1, 1, 2]), pick([1, 1, 2, 3])]),
      ])
  }

  private mutating func pool(of x: ValueID) throws(Diagnostic) -> ValueID {
    let shape = sketch.numbers(x)
    let kernel = [min(shape[2], pick([1, 2, 3])), min(shape[3], pick([2, 3]))]
    let pads = [kernel[0] / 2, kernel[1] / 2, sketch.below(kernel[0]), 0]
    var attributes: [String: AttributeLiteral] = [
      "kernel_shape": AttributeLiteral(kernel), "pads": AttributeLiteral(pads),
      "strides": AttributeLiteral([pick([1, 2]), pick([1, 2])]),
      "ceil_mode": .value(.int(sketch.below(2))),
    ]
    let op = pick(["MaxPool", "AveragePool", "GlobalAveragePool"])
    if op == "GlobalAveragePool" { attributes = [:] }
    if op == "AveragePool" { attributes["count_include_pad"] = .value(.int(sketch.below(2))) }
    return try node(op, [x], attributes)
  }

  private mutating func unary(_ x: ValueID) throws(Diagnostic) -> ValueID {
    switch sketch.below(9) {
    case 0: return try node("Mul", [x, node("Sigmoid", [x])])
    case 1: return try node("Clip", [x, sketch.scalar(-1), sketch.scalar(2)])
    default:
      return try node(
        pick(["Relu", "Sigmoid", "Tanh", "HardSwish", "LeakyRelu", "Abs", "Neg", "Gelu"]), [x])
    }
  }

  /// With another value where shapes agree or broadcast, else with a constant of some of the axes.
  private mutating func binary(
    _ x: ValueID, among values: [ValueID]
  ) throws(Diagnostic) -> ValueID {
    let op = pick(["Add", "Mul", "Sub", "Max"])
    let shape = sketch.numbers(x)
    let fitting = values.filter { other in
      let theirs = sketch.numbers(other)
      return theirs.count == shape.count
        && zip(shape, theirs).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
    }
    if !fitting.isEmpty, sketch.below(3) > 0 {
      let pair = [x, pick(fitting)]
      return try node(op, sketch.below(2) == 0 ? pair : pair.reversed())
    }
    var constant: [Int] = []
    for size in shape { constant.append(sketch.below(2) == 0 ? size : 1) }
    return try node(op, [x, sketch.weight(Array(constant.dropFirst(sketch.below(2))))])
  }

  private mutating func moved(_ x: ValueID) throws(Diagnostic) -> ValueID {
    let shape = sketch.numbers(x)
    switch sketch.below(5) {
    case 0:
      let fitting = pictures.filter { other in
        let theirs = sketch.numbers(other)
        return theirs[0] == shape[0] && theirs[2...] == shape[2...]
      }
      return try node("Concat", [x, pick(fitting)], ["axis": 1])
    case 1 where shape[1] > 1:
      let bounds = [sketch.below(shape[1] - 1), shape[1]].map { sketch.integers([$0]) }
      return try node("Slice", [x, bounds[0], bounds[1], sketch.integers([1])])
    case 2:
      let pads = (0..<8).map { $0 % 4 < 2 ? 0 : sketch.below(3) }
      return try node("Pad", [x, sketch.integers(pads), sketch.scalar(0)])
    case 3:
      return try node("Transpose", [x], ["perm": [0, 1, 3, 2]])
    default:
      return try node(
        "Resize", [x, nil, sketch.floats([1, 1, 2, Float(pick([1, 2]))])],
        [
          "mode": "nearest", "coordinate_transformation_mode": "asymmetric",
          "nearest_mode": "floor",
        ])
    }
  }

  private mutating func normalized(_ x: ValueID) throws(Diagnostic) -> ValueID {
    let channels = [sketch.numbers(x)[1]]
    switch sketch.below(3) {
    case 0:
      return try node(
        "InstanceNormalization", [x, sketch.weight(channels), sketch.weight(channels)])
    case 1: return try node("Softmax", [x], ["axis": 1])
    default:
      return try node(
        "BatchNormalization",
        [
          x, sketch.weight(channels), sketch.weight(channels), sketch.weight(channels),
          sketch.positive(channels),
        ])
    }
  }

  private mutating func flattened(_ x: ValueID) throws(Diagnostic) -> ValueID {
    switch sketch.below(3) {
    case 0: return try node("Flatten", [x])
    case 1: return try node("Flatten", [node("GlobalAveragePool", [x])])
    default:
      let shape = sketch.numbers(x)
      let rows = try node("Reshape", [x, sketch.integers([shape[0], shape[1], -1])])
      return try node("Transpose", [rows], ["perm": [0, 2, 1]])
    }
  }

  /// Everything that nobody reads is an output, and sometimes something that is read.
  private mutating func finished() -> GraphSketch {
    let graph = sketch.graph
    var outputs: [ValueID] = []
    for id in graph.nodeIDs {
      for case let output? in graph[id].outputs
      where graph.readers(of: output).isEmpty || sketch.below(8) == 0 {
        outputs.append(output)
      }
    }
    sketch.finish(outputs)
    return sketch
  }
}
