package import IR
package import Martlet
package import TestSupport

/// How a graph is turned into machine code: passes and options that must not change what it computes.
package struct CompileSettings: Sendable {
  package enum Passes: Sendable {
    /// None: every node is lowered as it stands.
    case none
    /// What `martlet compile` runs.
    case standard
    /// Single passes in an order of their own, and then what `martlet compile` runs.
    case first([String])
  }

  package var passes = Passes.standard
  package var winograd = CodeOptions.Winograd.auto

  package init() {}

  package init(random: inout SplitMix) {
    winograd = [.auto, .auto, .off, .two, .four][random.below(5)]
    switch random.below(6) {
    case 0: passes = .none
    case 1:
      let names = Optimizer.passes.map(\.name).filter { !Self.needsInput.contains($0) }
      passes = .first((0..<3).map { _ in names[random.below(names.count)] })
    default: passes = .standard
    }
  }

  /// Passes that change what a model computes: they quantize it.
  private static let needsInput: Set<String> = ["insert-quantization"]

  /// The graph after the passes.
  package func optimized(_ graph: Graph) throws -> Graph {
    var graph = graph
    let optimizer = Optimizer()
    switch passes {
    case .none: break
    case .standard: _ = try optimizer.run(.compile, on: &graph)
    case .first(let names):
      _ = try optimizer.run(names, on: &graph)
      _ = try optimizer.run(.compile, on: &graph)
    }
    return graph
  }

  package var code: CodeOptions {
    var options = CodeOptions()
    options.winograd = winograd
    return options
  }
}
