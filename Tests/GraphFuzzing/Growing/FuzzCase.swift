import Diagnostics
package import IR
import Tensors
import TestSupport

/// One graph with inputs, and how it is compiled.
package struct FuzzCase: Sendable {
  package var graph: Graph
  package var inputs: [Value]
  package var settings: CompileSettings

  package init(graph: Graph, inputs: [Value], settings: CompileSettings = CompileSettings()) {
    self.graph = graph
    self.inputs = inputs
    self.settings = settings
  }
}

/// What happened while a graph was grown.
package struct GrowthReport: Sendable {
  /// How often each operator was applied.
  package var grown: [String: Int] = [:]
  /// How often an attempt was refused, and what was said last.
  package var refused: [String: (count: Int, message: String)] = [:]

  package init() {}
}

extension FuzzCase {
  /// The case of a seed: everything about it follows from the number, and from which operators it may use.
  ///
  /// - Parameters:
  ///   - operators: qualified names; nil for all.
  ///   - report: told what was grown.
  package static func make(
    seed: UInt64, operators: Set<String>? = nil, report: inout GrowthReport
  ) -> FuzzCase {
    var grower = GraphGrower("seed_\(seed)", seed: seed &* 0x2545_f491_4f6c_dd1d)
    let names = OperatorRecipes.all.keys.filter { operators?.contains($0) ?? true }.sorted()
    let count = grower.pick([1, 1, 2, 3, 4, 5, 6, 8, 12])
    for _ in 0..<count {
      for _ in 0..<attemptLimit where !names.isEmpty {
        let name =
          operators == nil && grower.chance(1, of: 12)
          ? grower.pick(OperatorRecipes.patterns.keys.sorted()) : grower.pick(names)
        if grow(name, &grower, &report) { break }
      }
    }
    var outputs: [ValueID] = []
    for id in grower.graph.nodeIDs {
      for case let output? in grower.graph[id].outputs
      where grower.graph.readers(of: output).isEmpty && grower.graph.tensorType(output) != nil
        || grower.isOutputByChance(output)
      {
        outputs.append(output)
      }
    }
    grower.setOutputs(outputs)
    let inputs = grower.graph.inputs.compactMap { grower.values[$0] }
    let settings = CompileSettings(random: &grower.random)
    let graph = grower.chance(2, of: 5) ? grower.opened() : grower.graph
    return FuzzCase(graph: graph, inputs: inputs, settings: settings)
  }

  /// An operator that refuses its operands so often in a row gives way to the next step.
  private static let attemptLimit = 4

  private static func grow(
    _ name: String, _ grower: inout GraphGrower, _ report: inout GrowthReport
  ) -> Bool {
    let before = grower
    do {
      try (OperatorRecipes.all[name] ?? OperatorRecipes.patterns[name])?(&grower, name)
      report.grown[name, default: 0] += 1
      return true
    } catch {
      report.refused[name] = (report.refused[name, default: (0, "")].count + 1, "\(error)")
      grower.restore(before)
      return false
    }
  }
}

extension GraphGrower {
  /// Whether something that is read is an output as well.
  fileprivate mutating func isOutputByChance(_ id: ValueID) -> Bool {
    chance(1, of: 8) && graph.tensorType(id) != nil
  }

  /// The graph with symbols for some dimensions of its inputs: the same for equal sizes, or one for each. Where a shape
  /// rule needs the numbers, the graph as it is.
  fileprivate mutating func opened() -> Graph {
    let areShared = flag()
    let keepsOnes = chance(2, of: 3)
    var types: [ValueType?] = []
    for (number, id) in graph.inputs.enumerated() {
      guard let type = graph.tensorType(id), let shape = type.staticShape else {
        types.append(nil)
        continue
      }
      let isOpen = chance(3, of: 4) && !sizeInputs.contains(id)
      var dimensions: [IndexExpr] = []
      for (axis, size) in shape.enumerated() {
        let opens = isOpen && chance(2, of: 3) && !(size == 1 && keepsOnes)
        dimensions.append(
          opens ? .symbol(areShared ? "s\(size)" : "x\(number).\(axis)") : IndexExpr(size))
      }
      types.append(.tensor(type.element, dimensions))
    }
    return (try? graph.specialisedAnew(types)) ?? graph
  }
}

extension Graph {
  /// The graph with other types of its inputs, of whose results nothing is known before.
  func specialisedAnew(_ types: [ValueType?]) throws(Diagnostic) -> Graph {
    var graph = self
    try graph.forgetShapes()
    for id in inputs { graph.setType(id, self[id].type) }
    return try graph.specialised(types)
  }

  /// Takes the shapes away that were inferred from numbers, here and in the graphs of attributes: they must not outlive
  /// them.
  private mutating func forgetShapes() throws(Diagnostic) {
    for id in nodeIDs {
      let node = self[id]
      guard node.op is any RegionOp else { continue }
      var attributes = node.op.attributes
      for case (let name, .graph(var region)) in attributes.entries {
        try region.forgetShapes()
        attributes[name] = .graph(region)
      }
      var reader = AttributeReader(
        attributes, opset: 28, inputCount: node.inputs.count, outputCount: node.outputs.count)
      setNode(id, op: try type(of: node.op).init(&reader), inputs: node.inputs)
    }
    for id in valueIDs where constant(id) == nil {
      guard let type = tensorType(id) else { continue }
      setType(id, .tensor(TensorType(type.element, nil)))
    }
  }
}
