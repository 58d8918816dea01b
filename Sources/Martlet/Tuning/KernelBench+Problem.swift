public import Diagnostics
import IR
import Ops
import Tensors

extension KernelBench.Problem {
  /// The problem that numbers say: `M,K,N` is a product, `N,C,H,W,M,KH,KW` a convolution (of volumes with ten numbers
  /// `N,C,D,H,W,M,KD,KH,KW`, one axis less with five).
  ///
  /// - Throws: a `Diagnostic` when they say none.
  public init(
    _ numbers: [Int], stride: Int = 1, dilation: Int = 1, group: Int = 1
  ) throws(Diagnostic) {
    guard numbers.allSatisfy({ $0 > 0 }), stride > 0, dilation > 0, group > 0 else {
      throw Diagnostic("kernels.problem", "found \(numbers), expected numbers above 0")
    }
    let elements = numbers.reduce(Int?(1)) { product, number in
      product.flatMap { $0.multipliedReportingOverflow(by: number).overflow ? nil : $0 * number }
    }
    guard let elements, elements <= Self.mostProducts, stride <= Self.mostSteps,
      dilation <= Self.mostSteps
    else {
      throw Diagnostic(
        "kernels.problem",
        "found \(numbers) in steps of \(stride) and \(dilation), expected sizes whose product is at most 2^40 and "
          + "steps of at most \(Self.mostSteps)")
    }
    if numbers.count == 3 {
      self = .product(m: numbers[0], k: numbers[1], n: numbers[2])
      try requireRoom()
      return
    }
    let axes = (numbers.count - 3) / 2
    guard (1...3).contains(axes), numbers.count == 3 + 2 * axes else {
      throw Diagnostic(
        "kernels.problem",
        "found \(numbers.count) numbers, expected M,K,N for a product or N,C,H,W,M,KH,KW for a convolution"
      )
    }
    let (channels, filters) = (numbers[1], numbers[2 + axes])
    guard channels % group == 0, filters % group == 0 else {
      throw Diagnostic(
        "kernels.problem",
        "found \(group) groups of \(channels) channels and \(filters) filters, expected groups of one size"
      )
    }
    self = .convolution(
      x: Array(numbers.prefix(2 + axes)),
      filters: [filters, channels / group] + numbers.suffix(axes),
      stride: stride, dilation: dilation, group: group)
    try requireRoom()
  }

  /// - Throws: a `Diagnostic` when a tensor has more than a gigabyte.
  private func requireRoom() throws(Diagnostic) {
    let counts =
      switch self {
      case .product(let m, let k, let n): [m * k, k * n, m * n]
      case .convolution(let x, let filters, _, _, _):
        [x.elementCount, filters.elementCount, x.elementCount / x[1] * filters[0]]
      }
    let largest = counts.max() ?? 0
    if largest > Self.mostElements {
      throw Diagnostic(
        "kernels.problem",
        "found a tensor of \(largest) elements, expected at most \(Self.mostElements)")
    }
  }

  /// Larger problems take minutes for each run.
  private static let mostProducts = 1 << 40
  private static let mostSteps = 1 << 10
  private static let mostElements = 1 << 28

  /// Multiply-adds of the direct method.
  var multiplyAccumulates: Int {
    switch self {
    case .product(let m, let k, let n): m * k * n
    case .convolution(let x, let filters, let stride, _, _):
      x.dropFirst(2).map { ($0 + stride - 1) / stride }.reduce(x[0], *) * filters.elementCount
    }
  }

  /// One node, its weights noise.
  func graph() throws(Diagnostic) -> Graph {
    var graph = Graph(name: "bench")
    var noise = RandomTensors(seed: 1)
    let op: any TensorOp
    let (x, weights): ([Int], [Int])
    switch self {
    case .product(let m, let k, let n):
      (x, weights) = ([m, k], [k, n])
      op = MatMul()
    case .convolution(let shape, let filters, let stride, let dilation, let group):
      (x, weights) = (shape, filters)
      let axes = shape.count - 2
      let window = WindowAttributes(
        strides: Array(repeating: stride, count: axes),
        dilations: Array(repeating: dilation, count: axes), autoPad: .sameUpper)
      op = Conv(group: group, window: window)
    }
    // Around zero, as weights are.
    let values = noise.tensor(.f32, shape: weights).array(of: Float.self)
    let constant = Tensor(values.map { $0 - 0.5 }, shape: weights)
    let inputs = [
      graph.addInput("x", .tensor(.f32, x.map { IndexExpr($0) })),
      graph.addConstant("w", constant),
    ]
    var inference = TypeInference()
    let context = inference.context(inputs: inputs, outputCount: 1, name: "kernel", in: graph)
    let types = try op.infer(context)
    let id = graph.addNode("kernel", op, inputs: inputs, outputs: [("y", types[0])])
    inference.noteContents(of: id, in: graph)
    graph.setOutputs(graph[id].outputs.compactMap { $0 })
    return graph
  }

  /// Noise for the graph's input.
  var input: Value {
    var noise = RandomTensors(seed: 2)
    let shape =
      switch self {
      case .product(let m, let k, _): [m, k]
      case .convolution(let x, _, _, _, _): x
      }
    return .tensor(noise.tensor(.f32, shape: shape))
  }
}

extension KernelBench.Problem: CustomStringConvertible {
  public var description: String {
    func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: "x") }
    switch self {
    case .product(let m, let k, let n): return "product f32 \(m)x\(k) \(k)x\(n)"
    case .convolution(let x, let filters, let stride, let dilation, let group):
      return
        "conv f32 \(text(x)) \(text(filters)), stride \(stride), dilation \(dilation), groups \(group)"
    }
  }
}
