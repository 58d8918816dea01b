import PassManager

extension PassCatalog {
  /// The pass reference: pipelines in order, then every pass with its summary.
  package static var documentation: String {
    var text = """
      # Graph passes

      Generated from the pass catalog; a test fails when this file is stale. Each pass's doc comment in `Passes/` shows
      the graph before and after, with preconditions and source.

      ## Pipelines

      """
    for pipeline in Pipelines.compile {
      text += "\n### \(pipeline.name)\n\n"
      for step in pipeline.steps { text += describe(step, indentation: "") }
    }
    text += "\n## Passes\n\n| pass | what it does |\n|---|---|\n"
    for pass in all { text += "| `\(pass.name)` | \(pass.summary) |\n" }
    text += "\n## Passes that carry out a plan\n\n| pass | what it does |\n|---|---|\n"
    for (name, make) in planned {
      text += "| `\(name)` | \(make(QuantizationPlan()).summary) |\n"
    }
    return text
  }

  private static func describe(_ step: Step, indentation: String) -> String {
    switch step {
    case .pass(let pass): return "\(indentation)- `\(pass.name)`\n"
    case .untilStable(let name, let limit, let steps):
      let inner = steps.map { describe($0, indentation: indentation + "  ") }.joined()
      return "\(indentation)- \(name), until nothing changes, at most \(limit) rounds:\n\(inner)"
    case .inRegions(let steps):
      let names = steps.flatMap(\.passes).count
      return "\(indentation)- the \(names) passes above, on each graph inside an operator\n"
    }
  }
}
