import Diagnostics
package import IR
import Passes
import Tensors

/// Makes what runs a graph.
package typealias ExecutorFactory = @Sendable (Graph) throws -> any Executor

/// A graph that runs in segments, so that the effect of quantizing some nodes is computed from there on only, and the
/// values in between can be looked at.
final class SegmentedModel {
  /// What is quantized in a run.
  struct Setting {
    /// Candidates that read rounded activations and constants.
    var integer: Set<NodeID> = []
    /// How activations are quantized.
    var activations: [ValueID: QuantizationParameters] = [:]
    /// Those of the candidates that read 16 bits, and how.
    var wide: Set<NodeID> = []
    var wideActivations: [ValueID: QuantizationParameters] = [:]

    /// How a reader's activation is quantized; nil where it is not.
    func parameters(of value: ValueID, for reader: NodeID) -> QuantizationParameters? {
      guard integer.contains(reader) else { return nil }
      return wide.contains(reader) ? wideActivations[value] : activations[value]
    }
  }

  /// An executor is compiled for a segment and those of its nodes whose constants are rounded.
  private struct Variant: Hashable {
    let segment: Int
    let rounded: Set<NodeID>
  }

  /// A value as it is after quantizing it to a type.
  private struct Rounding: Hashable {
    let value: ValueID
    let type: ElementType
  }

  let sites: QuantizationSites
  /// How constants are quantized.
  var weights: [ValueID: QuantizationParameters] = [:] {
    didSet { executors = executors.filter { $0.key.rounded.isEmpty } }
  }
  /// What is added to the biases of layers whose constants are rounded.
  var corrections: [NodeID: [Float]] = [:] {
    didSet { executors = executors.filter { $0.key.rounded.isEmpty } }
  }
  private let segments: [Segment]
  private let makeExecutor: ExecutorFactory
  private var executors: [Variant: any Executor] = [:]

  /// - Parameter cuts: values that are wanted or changed in between.
  init(
    _ sites: QuantizationSites, cuts: Set<ValueID>, makeExecutor: @escaping ExecutorFactory
  ) {
    self.sites = sites
    self.makeExecutor = makeExecutor
    segments = GraphSegments(sites, cuts: cuts).segments
  }

  /// Compiles every segment as it is and with all its constants rounded.
  ///
  /// - Throws: whatever the factory throws.
  func compile(progress: (Int, Int) -> Void) throws {
    var variants: [Variant] = []
    for index in segments.indices {
      variants.append(Variant(segment: index, rounded: []))
      let rounded = self.rounded(index, Set(sites.candidates))
      if !rounded.isEmpty { variants.append(Variant(segment: index, rounded: rounded)) }
    }
    let missing = variants.filter { executors[$0] == nil }
    // A few at a time, so that progress can be shown.
    let step = 8
    for start in stride(from: 0, to: missing.count, by: step) {
      let part = Array(missing[start..<min(start + step, missing.count)])
      let graphs = part.map(graph)
      let made = try concurrently(part.count) { [makeExecutor] in try makeExecutor(graphs[$0]) }
      for (variant, executor) in zip(part, made) { executors[variant] = executor }
      progress(start + part.count, missing.count)
    }
  }

  /// Nodes of a segment that have constants to round, among some that read integers.
  private func rounded(_ segment: Int, _ integer: Set<NodeID>) -> Set<NodeID> {
    Set(
      segments[segment].nodes.filter { id in
        integer.contains(id) && sites.weights(of: id).contains { weights[$0.value] != nil }
      })
  }

  private func graph(_ variant: Variant) -> Graph {
    var replaced: [NodeID: [Int: Tensor]] = [:]
    for id in variant.rounded {
      for (position, value) in sites.weights(of: id) {
        guard let found = weights[value], let tensor = sites.graph.constant(value) else { continue }
        replaced[id, default: [:]][position] = found.rounded(tensor)
      }
      if let added = corrections[id] { replaced[id, default: [:]][2] = bias(of: id, plus: added) }
    }
    return segments[variant.segment].graph(of: sites.graph, weights: replaced)
  }

  private func bias(of id: NodeID, plus added: [Float]) -> Tensor? {
    guard let tensor = sites.graph.constant(sites.graph[id].inputs[2]) else { return nil }
    return Tensor(
      zip(tensor.array(of: Float.self), added).map { $0 + $1 }, shape: tensor.shape)
  }

  private func executor(_ variant: Variant) throws -> any Executor {
    if let known = executors[variant] { return known }
    let made = try makeExecutor(graph(variant))
    executors[variant] = made
    return made
  }

  /// Every value between segments for one sample, nothing quantized.
  func run(_ inputs: [ValueID: Value]) throws -> [ValueID: Value] {
    try run(Setting(), from: inputs, baseline: nil)
  }

  /// The values that differ from a run without quantization.
  ///
  /// - Parameter baseline: what `run` gave for the sample.
  func changes(_ setting: Setting, from baseline: [ValueID: Value]) throws -> [ValueID: Value] {
    try run(setting, from: [:], baseline: baseline)
  }

  /// What a node's segment makes when the node reads integers and everything before it is exact: the values that its
  /// result is seen in, behind the functions that belong to it.
  ///
  /// - Parameter baseline: what `run` gave for the sample.
  func results(
    of id: NodeID, _ setting: Setting, from baseline: [ValueID: Value]
  ) throws -> [ValueID: Value] {
    guard let index = segments.firstIndex(where: { $0.nodes.contains(id) }) else { return [:] }
    var values: [ValueID: Value] = [:]
    var rounded: [Rounding: Value] = [:]
    try run(index, setting, baseline, &values, &rounded)
    return values
  }

  /// The values that a node's segment makes.
  func resultValues(of id: NodeID) -> [ValueID] {
    segments.first { $0.nodes.contains(id) }?.outputs ?? []
  }

  /// Runs the segments that read something else than in the baseline, or all where there is none.
  private func run(
    _ setting: Setting, from start: [ValueID: Value], baseline: [ValueID: Value]?
  ) throws -> [ValueID: Value] {
    var values = start
    var rounded: [Rounding: Value] = [:]
    for index in segments.indices { try run(index, setting, baseline, &values, &rounded) }
    return values
  }

  /// Runs one segment, if what it reads differs from the baseline.
  ///
  /// - Parameters:
  ///   - values: what differs so far, to which the segment's outputs are added.
  ///   - rounded: values after rounding, kept for the segments to come.
  private func run(
    _ index: Int, _ setting: Setting, _ baseline: [ValueID: Value]?,
    _ values: inout [ValueID: Value], _ rounded: inout [Rounding: Value]
  ) throws {
    let segment = segments[index]
    let variant = Variant(segment: index, rounded: self.rounded(index, setting.integer))
    var differs = baseline == nil || !variant.rounded.isEmpty
    var operands: [Value] = []
    for input in segment.inputs {
      if values[input.value] != nil { differs = true }
      guard let value = values[input.value] ?? baseline?[input.value] else {
        throw Diagnostic.internal(
          "quantize.missing-value", "'\(sites.graph[input.value].name)' was never computed")
      }
      guard let reader = input.reader, let tensor = value.tensor,
        let found = setting.parameters(of: input.value, for: reader)
      else {
        operands.append(value)
        continue
      }
      differs = true
      let rounding = Rounding(value: input.value, type: found.type)
      let result = rounded[rounding] ?? .tensor(found.rounded(tensor))
      rounded[rounding] = result
      operands.append(result)
    }
    guard differs else { return }
    let results = try executor(variant).run(operands)
    for (output, result) in zip(segment.outputs, results) { values[output] = result }
  }
}
