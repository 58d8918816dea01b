package import Diagnostics
package import IR
import Tensors

extension Graph {
  /// The same graph on the Unicode scalars of strings: what holds strings of shape `S` becomes `i32[S..., length]`.
  ///
  ///     %y = Equal(%a, %b) : bool[N]                    // %a, %b : string[N]
  /// ->
  ///     %same = Equal(%a, %b) : bool[N, length]         // %a, %b : i32[N, length]
  ///     %y = ... : bool[N]                              // whether all along the last axis are true
  ///
  /// - Parameter lengths: for each input of strings the most scalars that one of them has.
  /// - Throws: `lowering.string` (unsupported) for an operator that has no such form.
  package func spelled(lengths: [ValueID: Int]) throws(Diagnostic) -> Graph {
    var spelling = Spelling(self)
    spelling.bind(lengths)
    for id in nodeIDs { try spelling.spell(id) }
    return spelling.finish()
  }
}

/// A graph whose strings become scalars, node by node in its order.
private struct Spelling {
  private var graph: Graph
  private var inference = TypeInference()
  /// The scalars of values that are strings.
  private var scalars: [ValueID: ValueID] = [:]
  private var isChanged = false

  init(_ graph: Graph) { self.graph = graph }

  private func isText(_ id: ValueID?) -> Bool {
    id.map { graph.tensorType($0)?.element == .string } ?? false
  }

  mutating func bind(_ lengths: [ValueID: Int]) {
    graph.setInputs(
      graph.inputs.map { id in
        guard isText(id), let length = lengths[id], let shape = graph.tensorType(id)?.shape else {
          return id
        }
        let type = ValueType.tensor(.i32, shape + [IndexExpr(length)])
        let input = graph.addInput("\(graph[id].name).scalars", type)
        scalars[id] = input
        return input
      })
  }

  mutating func spell(_ id: NodeID) throws(Diagnostic) {
    do throws(Diagnostic) {
      if try replace(id) { return }
    } catch {
      throw error.located(at: graph.location(of: id))
    }
    inference.noteContents(of: id, in: graph)
  }

  /// Whether the node reads or makes strings; its place is then taken by what it comes down to.
  private mutating func replace(_ id: NodeID) throws(Diagnostic) -> Bool {
    let node = graph[id]
    guard (node.inputs + node.outputs).contains(where: { isText($0) }) else {
      // A size that only data knows may have another name now.
      if isChanged {
        let types = try node.op.inferTypes(inference.context(for: id, in: graph))
        for (output, type) in zip(node.outputs, types) {
          if let output { graph.setType(output, type) }
        }
      }
      return false
    }
    let operands = node.inputs.map { $0.map { scalarsOrSame($0) } }
    let context = inference.context(
      inputs: operands, outputCount: node.outputs.count, name: node.name, in: graph)
    var composer = Composer(context)
    var results = node.op is Identity ? operands.compactMap { $0 } : nil
    if results == nil, let op = node.op as? any TextComposed,
      let outputs = try op.textComposition(&composer)
    {
      results = try graph.inline(
        composer.finish(outputs), arguments: operands.compactMap { $0 }, before: id,
        prefix: node.name, inference: &inference)
    }
    guard let results else {
      throw .unsupported("lowering.string", "\(node.opName) of strings has no native code")
    }
    isChanged = true
    for (output, result) in zip(node.outputs, results) {
      guard let output else { continue }
      if isText(output) {
        scalars[output] = result
      } else {
        graph.replaceUses(of: output, with: result)
      }
    }
    return true
  }

  private mutating func scalarsOrSame(_ id: ValueID) -> ValueID {
    if let known = scalars[id] { return known }
    guard isText(id), let text = graph.constant(id) else { return id }
    let length = max(1, Scalars.longest(text.strings))
    let constant = graph.addConstant(
      "\(graph[id].name).scalars", Scalars.spell(text, length: length))
    scalars[id] = constant
    return constant
  }

  mutating func finish() -> Graph {
    graph.setOutputs(graph.outputs.map { scalarsOrSame($0) })
    for id in graph.nodeIDs.reversed() {
      let outputs = graph[id].outputs
      if outputs.allSatisfy({ $0.map { graph.useCount(of: $0) == 0 } ?? true }) { graph.erase(id) }
    }
    for id in scalars.keys where graph.contains(id) && graph.useCount(of: id) == 0 {
      graph.eraseValue(id)
    }
    return graph
  }
}
