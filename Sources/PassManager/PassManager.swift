package import Diagnostics
package import IR

/// Runs pipelines on graphs: counts and times passes, verifies, prints, keeps a reproducer, stops for bisection.
package struct PassManager: Sendable {
  package let options: PassOptions

  package init(_ options: PassOptions = PassOptions()) { self.options = options }

  /// Runs a pipeline.
  ///
  /// - Throws: `pass.verify` (internal) when a pass leaves an invalid graph, which is then not stored; whatever a pass
  ///   itself throws, with a note that names it.
  package func run(_ pipeline: Pipeline, on graph: inout Graph) throws(Diagnostic) -> PassReport {
    var report = PassReport()
    _ = try run(pipeline.steps, on: &graph, &report)
    return report
  }

  /// Runs one pass.
  package func run(_ pass: Pass, on graph: inout Graph) throws(Diagnostic) -> PassReport {
    try run(Pipeline(pass.name, [pass]), on: &graph)
  }

  /// Runs steps in order and says whether any of them changed the graph.
  private func run(
    _ steps: [Step], on graph: inout Graph, _ report: inout PassReport
  ) throws(Diagnostic) -> Bool {
    var changed = false
    for step in steps {
      switch step {
      case .pass(let pass):
        if try run(pass, on: &graph, &report) { changed = true }
      case .untilStable(let name, let limit, let body):
        var rounds = 0
        while try run(body, on: &graph, &report) {
          changed = true
          rounds += 1
          if rounds == limit {
            report.unstable.append(name)
            break
          }
        }
      case .inRegions(let body):
        if try runInRegions(body, on: &graph, &report) { changed = true }
      }
    }
    return changed
  }

  /// Runs steps on the graphs that operators run, and on those inside them.
  private func runInRegions(
    _ steps: [Step], on graph: inout Graph, _ report: inout PassReport
  ) throws(Diagnostic) -> Bool {
    let regions = graph.nodeIDs.filter { graph[$0].op is any RegionOp }
    if regions.isEmpty { return false }
    var inference = TypeInference()
    for id in graph.nodeIDs { inference.noteContents(of: id, in: graph) }
    var changed = false
    for id in regions {
      let context = inference.context(for: id, in: graph)
      guard let op = try graph[id].op.typed(for: context) as? any RegionOp else { continue }
      let rewritten = try op.mappingRegions(context) { region throws(Diagnostic) in
        var region = region
        if try run(steps + [.inRegions(steps)], on: &region, &report) { changed = true }
        return region
      }
      graph.setNode(id, op: rewritten, inputs: graph[id].inputs)
    }
    return changed
  }

  private func run(
    _ pass: Pass, on graph: inout Graph, _ report: inout PassReport
  ) throws(Diagnostic) -> Bool {
    let remaining = options.bisectLimit.map { max($0 - report.changes, 0) } ?? .max
    try options.reproducer?.write(graph, before: pass.name)
    let start = ContinuousClock.now
    var rewriter = Rewriter(graph, changeLimit: remaining)
    do throws(Diagnostic) {
      try pass.run(&rewriter)
    } catch {
      var noted = error
      noted.notes.append("in pass '\(pass.name)'")
      throw withReproducer(noted)
    }
    let changed = rewriter.changeCount > 0
    report.runs.append(
      PassRun(
        pass: pass.name, changes: rewriter.changeCount, duration: .now - start,
        nodeCount: rewriter.graph.nodeIDs.count))
    if changed {
      if options.verifyEach { try verify(rewriter.graph, after: pass) }
      graph = rewriter.graph
    }
    options.reproducer?.remove()
    if options.printAfter.contains(pass.name) || (options.printAfterChange && changed) {
      options.output("// after \(pass.name)\n" + Printer.print(graph))
    }
    return changed
  }

  private func verify(_ graph: Graph, after pass: Pass) throws(Diagnostic) {
    let found = Verifier.verify(graph)
    guard let first = found.diagnostics.first else { return }
    var failure = Diagnostic.internal(
      "pass.verify", "pass '\(pass.name)' left an invalid graph: \(first.message) [\(first.id)]",
      at: first.location)
    failure.notes = found.diagnostics.dropFirst().map(\.description)
    throw withReproducer(failure)
  }

  private func withReproducer(_ diagnostic: Diagnostic) -> Diagnostic {
    guard let reproducer = options.reproducer else { return diagnostic }
    var noted = diagnostic
    noted.notes.append("the graph before the pass is in \(reproducer.textPath)")
    return noted
  }
}
