import Diagnostics
import Foundation
import IR
import Interpreter
import Ops
import PassManager
import Passes
import Tensors

/// Runs one case of a golden file.
struct GoldenRunner {
  let file: GoldenFile
  let golden: GoldenCase

  /// What running a case gave.
  struct Outcome {
    /// The printed graph; empty when there were errors.
    var text = ""
    var diagnostics: [Diagnostic] = []
    /// Sentences about what went wrong besides.
    var failures: [String] = []
  }

  func run() -> Outcome {
    var outcome = Outcome()
    do throws(Diagnostic) {
      let parsed = try parse()
      let lines = Dictionary(
        uniqueKeysWithValues: parsed.lines.map { (parsed.graph.location(of: $0), $1) })
      outcome.diagnostics = Verifier.verify(parsed.graph).diagnostics.map { found in
        var placed = found
        if let line = lines[found.location] { placed.location = .line(file: file.name, line: line) }
        return placed
      }
      guard outcome.diagnostics.isEmpty else { return outcome }
      checkRoundTrip(parsed.graph, &outcome)
      let passes = try passes()
      var graph = parsed.graph
      for pipeline in try pipelines() { _ = try PassManager().run(pipeline, on: &graph) }
      outcome.failures += Self.namesLost(from: parsed.graph, to: graph)
      for pass in passes {
        _ = try PassManager().run(pass, on: &graph)
        outcome.failures += Self.namesLost(from: parsed.graph, to: graph)
      }
      outcome.text = golden.directives["stage"] == "verify" ? "" : Printer.print(graph)
      checkRoundTrip(graph, &outcome)
      if let last = passes.last { try checkIdempotent(last, graph, &outcome) }
      if golden.directives["pipeline"] != nil || !passes.isEmpty {
        validate(parsed.graph, graph, &outcome)
      }
    } catch {
      outcome.diagnostics.append(error)
    }
    return outcome
  }

  private func parse() throws(Diagnostic) -> ParsedGraph {
    try Parser.parse(
      golden.text, operators: OpCatalog.standard, file: file.name, firstLine: golden.firstLine
    ) { (reference, type) throws(Diagnostic) in
      var random = RandomValues(key: reference.description)
      return random.tensor(type.element, type.staticShape ?? [])
    }
  }

  /// `// pipeline: compile` runs everything before lowering, `// pipeline: fusion` one phase.
  private func pipelines() throws(Diagnostic) -> [Pipeline] {
    guard let name = golden.directives["pipeline"] else { return [] }
    if name == "compile" { return Pipelines.compile }
    let found = Pipelines.compile.filter { $0.name == name }
    if found.isEmpty { throw Diagnostic("golden.pipeline", "there is no pipeline named '\(name)'") }
    return found
  }

  private func passes() throws(Diagnostic) -> [Pass] {
    var passes: [Pass] = []
    for name in (golden.directives["pass"] ?? "").split(separator: ",") {
      let trimmed = name.trimmingCharacters(in: .whitespaces)
      if let planned = PassCatalog.planned.first(where: { $0.name == trimmed }) {
        passes.append(planned.make(try plan()))
        continue
      }
      guard let pass = PassCatalog.pass(named: trimmed) else {
        throw Diagnostic("golden.pass", "there is no pass named '\(trimmed)'")
      }
      passes.append(pass)
    }
    return passes
  }

  /// `// plan: integer "conv"`: one line of a plan each.
  private func plan() throws(Diagnostic) -> QuantizationPlan {
    let lines = ["martlet quantization plan 1"] + golden.plan
    return try QuantizationPlan(text: lines.joined(separator: "\n"), file: file.name)
  }

  /// A graph's inputs and outputs are its interface: no pass may rename them.
  private static func namesLost(from before: Graph, to after: Graph) -> [String] {
    let sides: [(String, KeyPath<Graph, [ValueID]>)] = [
      ("inputs", \.inputs), ("outputs", \.outputs),
    ]
    return sides.compactMap { side, path in
      let old = before[keyPath: path].map { before[$0].name }
      let new = after[keyPath: path].map { after[$0].name }
      return old == new ? nil : "\(side) were \(old), are now \(new)"
    }
  }

  private func checkRoundTrip(_ graph: Graph, _ outcome: inout Outcome) {
    let text = Printer.print(graph)
    do throws(Diagnostic) {
      let complete = Printer.print(graph, constants: .complete)
      let again = try Parser.parse(complete, operators: OpCatalog.standard).graph
      let back = Printer.print(again)
      if back != text {
        outcome.failures.append("parse(print(g)) prints as\n\(back)not as\n\(text)")
      }
    } catch {
      outcome.failures.append("the printed graph does not parse: \(error)\n\(text)")
    }
  }

  private func checkIdempotent(
    _ pass: Pass, _ graph: Graph, _ outcome: inout Outcome
  ) throws(Diagnostic) {
    var again = graph
    let report = try PassManager().run(pass, on: &again)
    if report.changes > 0 {
      outcome.failures.append(
        "'\(pass.name)' is not idempotent: \(report.changes) more changes give\n"
          + Printer.print(again))
    }
  }

  /// Translation validation: both graphs give the same results for random inputs.
  private func validate(_ before: Graph, _ after: Graph, _ outcome: inout Outcome) {
    let run = golden.directives["run"] ?? "close"
    if run.hasPrefix("none") { return }
    let inputs = RandomValues.inputs(of: before, integers: ranges)
    do {
      let expected = try Interpreter(before).run(inputs)
      let found = try Interpreter(after).run(inputs)
      for (index, (a, b)) in zip(found, expected).enumerated() {
        guard let a = a.tensor, let b = b.tensor else { continue }
        let tolerance: Tolerance = run == "exact" ? .exact : .oneOperator(b.type)
        if let mismatch = tolerance.compare(a, b).mismatch {
          outcome.failures.append("output \(index) has changed: \(mismatch)")
        }
      }
    } catch {
      outcome.failures.append("does not run: \(error)")
    }
  }

  /// `// input: i 0..<4, j 1..<3`: what the elements of integer inputs may be; 0, 1 and 2 otherwise.
  private var ranges: [String: Range<Int>] {
    var ranges: [String: Range<Int>] = [:]
    for entry in (golden.directives["input"] ?? "").split(separator: ",") {
      let parts = entry.split(separator: " ")
      guard parts.count == 2 else { continue }
      let ends = parts[1].components(separatedBy: "..<").compactMap { Int($0) }
      if ends.count == 2 { ranges[String(parts[0])] = ends[0]..<ends[1] }
    }
    return ranges
  }
}
