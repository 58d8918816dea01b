package import Diagnostics
import Foundation
package import IR
import Ops
import Tensors

/// A case as a text that can be read: the graph, then what goes in, then, where the interpreter was at fault, what comes
/// out.
///
///     // seed 362: native code found 4294967295.0, expected 0.0
///     // passes: none
///     graph @case(%x: u32[1]) {
///       ...
///     }
///     // -----
///     graph @inputs() {
///       %x = constant u32[1] [0]
///       return %x
///     }
package struct KeptCase: Sendable {
  package var fuzzed: FuzzCase
  /// The outputs by onnxruntime or the standard; nil where the interpreter's word is taken.
  package var expected: [Value]?
  /// What differed, a line of text.
  package var note: String

  package init(_ fuzzed: FuzzCase, expected: [Value]? = nil, note: String) {
    self.fuzzed = fuzzed
    self.expected = expected
    self.note = note
  }

  private static let separator = "\n// -----\n"
  private static let passes = "// passes: "

  package var text: String {
    var parts = [
      "// \(note.replacing("\n", with: " "))\n" + settings
        + Printer.print(fuzzed.graph, constants: .complete)
    ]
    let names = fuzzed.graph.inputs.map { fuzzed.graph[$0].name }
    parts.append(Self.text(of: fuzzed.inputs, names, as: "inputs"))
    if let expected {
      let names = fuzzed.graph.outputs.map { fuzzed.graph[$0].name }
      parts.append(Self.text(of: expected, names, as: "expected"))
    }
    return parts.map { $0.trimmingCharacters(in: .newlines) }
      .joined(separator: "\n" + Self.separator) + "\n"
  }

  private var settings: String {
    switch fuzzed.settings.passes {
    case .none: "\(Self.passes)none\n"
    case .standard: ""
    case .first(let names): "\(Self.passes)\(names.joined(separator: ", "))\n"
    }
  }

  /// Values as the constants of a graph that returns them.
  private static func text(of values: [Value], _ names: [String], as title: String) -> String {
    var graph = Graph(name: title)
    var outputs: [ValueID] = []
    for (name, value) in zip(names, values) {
      if let tensor = value.tensor { outputs.append(graph.addConstant(name, tensor)) }
    }
    graph.setOutputs(outputs)
    return Printer.print(graph, constants: .complete)
  }

  /// Reads a text.
  ///
  /// - Throws: what parsing throws, at its line.
  package init(parsing text: String, file: String) throws(Diagnostic) {
    let parts = text.components(separatedBy: Self.separator)
    var graphs: [Graph] = []
    for part in parts {
      graphs.append(
        try Parser.parse(part, operators: OpCatalog.standard, file: file).graph)
    }
    note = text.prefix { $0 != "\n" }.drop { $0 == "/" || $0 == " " }.description
    fuzzed = FuzzCase(graph: graphs[0], inputs: graphs.count > 1 ? Self.values(of: graphs[1]) : [])
    expected = graphs.count > 2 ? Self.values(of: graphs[2]) : nil
    if let line = parts[0].split(separator: "\n").first(where: { $0.hasPrefix(Self.passes) }) {
      let names = line.dropFirst(Self.passes.count)
      fuzzed.settings.passes =
        names == "none" ? .none : .first(names.components(separatedBy: ", "))
    }
  }

  private static func values(of graph: Graph) -> [Value] {
    graph.outputs.compactMap { graph.constant($0) }.map { .tensor($0) }
  }
}
