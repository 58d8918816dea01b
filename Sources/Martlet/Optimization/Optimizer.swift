public import Diagnostics
public import IR
import PassManager
import Passes

/// Runs passes on graphs.
public struct Optimizer: Sendable {
  public var settings: PassSettings

  public init(_ settings: PassSettings = PassSettings()) { self.settings = settings }

  /// A pass that users can name.
  public struct PassInfo: Sendable {
    public let name: String
    public let summary: String
  }

  /// Every pass, by name.
  public static var passes: [PassInfo] {
    PassCatalog.all.map { PassInfo(name: $0.name, summary: $0.summary) }
  }

  /// What passes did.
  public struct Report: Sendable {
    public let changes: Int
    /// Time, changes and runs per pass, the slowest first, one line each.
    public let timing: String
  }

  /// Runs passes by name, in order.
  ///
  /// - Throws: `pass.unknown`, `pass.verify` (internal), and whatever a pass throws.
  public func run(_ names: [String], on graph: inout Graph) throws(Diagnostic) -> Report {
    try run(Pipeline("opt", passes(names)), on: &graph)
  }

  /// How far a graph is rewritten.
  public enum Phase: Sendable {
    /// As far as the standard's own operators go: the result runs anywhere.
    case portable
    /// As far as layers of quantized models stand between QuantizeLinear and DequantizeLinear.
    case quantizedForm
    /// As far as the meaning of quantized models goes.
    case reference
    /// All the way to what is lowered.
    case compile
  }

  /// Runs the passes of a phase.
  ///
  /// - Throws: `pass.verify` (internal), and whatever a pass throws.
  public func run(_ phase: Phase, on graph: inout Graph) throws(Diagnostic) -> Report {
    let pipelines =
      switch phase {
      case .portable: [Pipelines.cleanup, Pipelines.fusion]
      case .quantizedForm: [Pipelines.cleanup, Pipelines.quantizedForm]
      case .reference: Pipelines.reference
      case .compile: Pipelines.compile
      }
    return try run(Pipeline("\(phase)", pipelines.flatMap(\.steps)), on: &graph)
  }

  private func run(_ pipeline: Pipeline, on graph: inout Graph) throws(Diagnostic) -> Report {
    _ = try passes(settings.printAfter.sorted())
    let report = try PassManager(settings.passOptions()).run(pipeline, on: &graph)
    return Report(changes: report.changes, timing: report.timing)
  }

  private func passes(_ names: [String]) throws(Diagnostic) -> [Pass] {
    var passes: [Pass] = []
    for name in names {
      guard let pass = PassCatalog.pass(named: name) else {
        throw Diagnostic(
          "pass.unknown", "no pass is named '\(name)'",
          notes: ["martlet opt --list names them all"])
      }
      passes.append(pass)
    }
    return passes
  }
}
