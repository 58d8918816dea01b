public import Diagnostics
public import IR
import Ops
import Tensors

extension Graph {
  /// The same graph with f64 for every f32: inputs, constants and what nodes compute.
  ///
  ///     %y = Conv(%x, %w) : f32[...]        // %x, %w: f32
  /// ->
  ///     %y = Conv(%x, %w.wide) : f64[...]   // %x: f64
  ///
  /// Values and nodes keep their identifiers and names. An operator that takes no f64 runs on f32 as before, between
  /// conversions; `Cast` to f32 becomes one to f64. What a node computed in f32 is f64 for its readers.
  ///
  /// - Throws: what type inference throws for a node that fits neither way.
  public func widened() throws(Diagnostic) -> Graph {
    var widening = Widening(self)
    for id in nodeIDs { try widening.widen(id) }
    var graph = widening.graph
    graph.setOutputs(outputs.map(widening.reading))
    return graph
  }
}

/// A graph on its way from f32 to f64, node by node in its order.
private struct Widening {
  private(set) var graph: Graph
  private var inference = TypeInference()
  /// What is read in place of a value: a wide constant, or the conversion of a result that stayed narrow.
  private var wide: [ValueID: ValueID] = [:]

  init(_ graph: Graph) {
    self.graph = graph
    for id in graph.inputs { widen(typeOf: id) }
  }

  /// The value that stands for `id` in the wide graph.
  func reading(_ id: ValueID) -> ValueID { wide[id] ?? id }

  mutating func widen(_ id: NodeID) throws(Diagnostic) {
    let node = graph[id]
    var op = node.op
    if let fused = op as? Fused { op = Fused(body: try fused.body.widened()) }
    if let cast = op as? Cast, cast.target == .f32 { op = Cast(to: .f64) }
    let schema = type(of: op).schema
    var inputs: [ValueID?] = []
    for (number, input) in node.inputs.enumerated() {
      let parameter = OpSchema.parameter(number, in: schema.inputs)
      let allowed = parameter.flatMap { schema.types[$0.type] }
      let takesWide = allowed?.contains(.f64) ?? true
      inputs.append(input.map { takesWide ? wideValue($0) : narrowValue($0, before: id) })
    }
    graph.setNode(id, op: op, inputs: inputs)
    let isAllowed = schema.check(
      inputs: inputs.map { $0.map { graph[$0].type } }, outputCount: node.outputs.count
    ).isEmpty
    var types = isAllowed ? try? op.infer(inference.context(for: id, in: graph)) : nil
    if types == nil {
      let narrow = node.inputs.map { $0.map { narrowValue($0, before: id) } }
      graph.setNode(id, op: node.op, inputs: narrow)
      do throws(Diagnostic) {
        types = try node.op.infer(inference.context(for: id, in: graph))
      } catch {
        throw error.located(at: graph.location(of: id))
      }
    }
    let next = nodeAfter(id)
    for (output, type) in zip(node.outputs, types ?? []) {
      guard let output else { continue }
      graph.setType(output, TypeInference.merge(type, declared: graph[output].type))
      if type.tensor?.element == .f32 {
        wide[output] = convert(output, to: .f64, before: next)
      }
    }
    inference.noteContents(of: id, in: graph)
  }

  private func nodeAfter(_ id: NodeID) -> NodeID? {
    graph.nodeIDs.firstIndex(of: id).flatMap { place in
      place + 1 < graph.nodeIDs.count ? graph.nodeIDs[place + 1] : nil
    }
  }

  private mutating func widen(typeOf id: ValueID) {
    guard let type = graph.tensorType(id), type.element == .f32 else { return }
    graph.setType(id, .tensor(TensorType(.f64, type.shape)))
  }

  /// The value in f64 where it was f32, otherwise as it is.
  private mutating func wideValue(_ id: ValueID) -> ValueID {
    if let known = wide[id] { return known }
    guard let tensor = graph.constant(id), tensor.type == .f32 else { return id }
    let copy = graph.addConstant(
      "\(graph[id].name).wide", Tensor(doubles: tensor.doubles, shape: tensor.shape, type: .f64))
    wide[id] = copy
    return copy
  }

  /// The value in f32 where it is f64 now: the plain one, or a conversion.
  private mutating func narrowValue(_ id: ValueID, before node: NodeID) -> ValueID {
    guard graph.constant(id) == nil, graph.tensorType(id)?.element == .f64 else { return id }
    return convert(id, to: .f32, before: node)
  }

  private mutating func convert(
    _ id: ValueID, to element: ElementType, before node: NodeID?
  ) -> ValueID {
    let name = "\(graph[id].name).\(element)"
    let type = ValueType.tensor(TensorType(element, graph.tensorType(id)?.shape))
    let cast = graph.addNode(
      name, Cast(to: element), inputs: [id], outputs: [(name, type)], before: node)
    return graph[cast].outputs.first.flatMap { $0 } ?? id
  }
}
