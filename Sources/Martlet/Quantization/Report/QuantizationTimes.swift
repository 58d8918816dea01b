import Diagnostics
import IR
import Lowering
import Ops
import Tensors

/// What a float and a quantized form of a model take, as a whole and layer by layer.
struct QuantizationTimes {
  /// A layer as it is found again in compiled code.
  struct Layer {
    let name: String
    /// The values that its result is seen in.
    let results: [String]
    /// Whether it multiplies: sums and pools may run as part of one that does.
    let isProduct: Bool
  }

  private let comparison: PairedComparison
  private let threads: Int
  /// Milliseconds of the steps that are there for a layer, by its name.
  let float: [String: Double]
  let quantized: [String: Double]
  /// Milliseconds of the quantized form's steps that are there for no layer.
  private let elsewhere: Double

  /// Nil where one of the two has no native code.
  ///
  /// - Throws: what binding shapes and running throws.
  init?(
    float: Model, quantized: Model, layers: [Layer], inputs: [String: Tensor], threads: Int,
    code: CodeOptions, seconds: Double
  ) throws {
    guard let before = try Self.executor(float, inputs, threads, code),
      let after = try Self.executor(quantized, inputs, threads, code)
    else { return nil }
    let operands = float.graph.inputs.compactMap { inputs[float.graph[$0].name] }.map {
      Value.tensor($0)
    }
    self.threads = threads
    comparison = try PairedComparison.measure(
      seconds: seconds, [before, after].map { executor in { _ = try executor.run(operands) } })
    let first = Self.times(try before.profile(operands, seconds: seconds))
    let second = Self.times(try after.profile(operands, seconds: seconds))
    self.float = Self.times(of: layers, first, in: before.graph)
    self.quantized = Self.times(of: layers, second, in: after.graph)
    elsewhere = second.values.reduce(0, +) - self.quantized.values.reduce(0, +)
  }

  private static func executor(
    _ model: Model, _ inputs: [String: Tensor], _ threads: Int, _ code: CodeOptions
  ) throws -> NativeExecutor? {
    var bound = model
    try bound.bind(
      model.graph.inputs.compactMap { id in
        let name = model.graph[id].name
        return inputs[name].map { ShapeBinding(name: name, dimensions: $0.shape) }
      })
    do {
      return try bound.executor(.native, threads: threads, code: code) as? NativeExecutor
    } catch is DiagnosticList {
      return nil
    }
  }

  /// By the node of the compiled graph.
  private static func times(_ measured: ProfileMeasurement) -> [String: Double] {
    Dictionary(measured.steps.map { ($0.node, $0.milliseconds) }, uniquingKeysWith: +)
  }

  /// Gives the nodes of a compiled graph to layers: by name, or by a value that both make. A node counts once, for a
  /// product before a sum or a pool.
  private static func times(
    of layers: [Layer], _ times: [String: Double], in graph: Graph
  ) -> [String: Double] {
    var makers: [String: String] = [:]
    for id in graph.nodeIDs {
      let node = graph[id]
      for name in [node.name] + values(of: node, graph) {
        makers[origin(of: name)] = makers[origin(of: name)] ?? node.name
      }
    }
    var found: [String: Double] = [:]
    var taken: Set<String> = []
    for layer in layers.filter(\.isProduct) + layers.filter({ !$0.isProduct }) {
      let maker = ([layer.name] + layer.results).lazy.compactMap { makers[$0] }.first {
        !taken.contains($0) && times[$0] != nil
      }
      guard let maker else { continue }
      taken.insert(maker)
      found[layer.name] = times[maker]
    }
    return found
  }

  /// The values that a node makes, those inside of a region with it.
  private static func values(of node: Node, _ graph: Graph) -> [String] {
    let outputs = node.outputs.compactMap { $0 }.map { graph[$0].name }
    guard let body = (node.op as? Fused)?.body else { return outputs }
    return outputs
      + body.nodeIDs.flatMap { body[$0].outputs }.compactMap { $0 }.map { body[$0].name }
  }

  /// What passes add to the name of a value, or of a node, when they make another form of it.
  private static let endings = ["/quantized", ".scaled", ".sum"]

  private static func origin(of name: String) -> String {
    guard let ending = endings.first(where: name.hasSuffix) else { return name }
    return String(name.dropLast(ending.count))
  }

  /// Times of whole runs.
  var whole: QuantizationReport.Times {
    let medians = comparison.rounds.map { Latency(milliseconds: $0).median }
    let ratio = comparison.ratios[0]
    return .init(
      threads: threads, floatMilliseconds: medians[0], quantizedMilliseconds: medians[1],
      ratio: ratio.ratio, ratioLow: ratio.low, ratioHigh: ratio.high,
      elsewhereMilliseconds: max(elsewhere, 0))
  }
}
