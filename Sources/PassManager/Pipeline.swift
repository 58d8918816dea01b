/// One step of a pipeline: a pass, steps that repeat until nothing changes any more, or steps for graphs inside operators.
package indirect enum Step: Sendable {
  case pass(Pass)
  /// Runs the steps in order, again and again until a round changes nothing, at most `limit` rounds.
  case untilStable(name: String, limit: Int, [Step])
  /// Runs the steps in order on every region of the graph, and of its regions.
  case inRegions([Step])

  /// Every pass in the step, in order.
  package var passes: [Pass] {
    switch self {
    case .pass(let pass): [pass]
    case .untilStable(_, _, let steps), .inRegions(let steps): steps.flatMap(\.passes)
    }
  }
}

/// Steps with a name: a phase of the compiler that can be stopped after and printed.
package struct Pipeline: Sendable {
  package let name: String
  package let steps: [Step]

  package init(_ name: String, _ steps: [Step]) {
    self.name = name
    self.steps = steps
  }

  /// A pipeline of single passes.
  package init(_ name: String, _ passes: [Pass]) {
    self.init(name, passes.map { .pass($0) })
  }
}
