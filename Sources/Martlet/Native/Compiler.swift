import Diagnostics
import Foundation
public import IR
import Interpreter
import Loops
import Lowering
import Tensors

/// Compiles models: passes, lowering, and the recording for the self-test.
public struct Compiler: Sendable {
  /// What is being done, for progress.
  public enum Phase: String, Sendable, CaseIterable {
    case optimize = "optimizing the graph"
    case record = "recording a run of the interpreter"
    case lower = "lowering"
  }

  public var options: CompileOptions
  /// Called when a phase begins.
  public var progress: (@Sendable (Phase) -> Void)?

  public init(_ options: CompileOptions = CompileOptions()) { self.options = options }

  /// The graph that is lowered.
  public func optimizedGraph(of model: Model) throws -> (Graph, Optimizer.Report) {
    progress?(.optimize)
    var graph = model.graph
    let report = try Optimizer(options.passes).run(.compile, on: &graph)
    return (graph, report)
  }

  /// Compiles a model for every target.
  ///
  /// - Throws: a `Diagnostic`, or a `DiagnosticList` with every node that has no native code.
  public func compile(_ model: Model) throws -> CompiledModel {
    let targets = try TargetSelection.targets(options.targets)
    let graph = try optimizedGraph(of: model).0
    let specialised = try options.specialisations.map { try specialisedGraph(of: model, $0) }
    progress?(.lower)
    let programs = try targets.map {
      try GraphLowering.lower(
        graph, specialised: specialised, for: $0, options: options.code.lowering(for: $0))
    }
    return CompiledModel(
      name: model.name, signature: Signature(model.graph),
      threads: options.threads > 0 ? options.threads : CompileOptions.unlimitedThreads,
      variants: zip(targets, Program.sharingConstants(programs)).map(
        CompiledModel.Variant.init(target:program:)),
      recording: try recording(of: model))
  }

  /// - Throws: `shape.specialisation` when the sizes leave something open.
  private func specialisedGraph(of model: Model, _ sizes: [ShapeBinding]) throws -> Graph {
    var model = model
    try model.bind(sizes)
    for id in model.graph.inputs {
      guard let shape = model.graph.tensorType(id)?.shape, !shape.allSatisfy(\.isConstant) else {
        continue
      }
      throw Diagnostic(
        "shape.specialisation",
        "sizes with code of their own leave '\(model.graph[id].name)' \(model.graph[id].type), expected numbers",
        at: .value(model: model.graph.source, name: model.graph[id].name))
    }
    return try optimizedGraph(of: model).0
  }

  private func recording(of model: Model) throws -> Recording? {
    guard options.recordsRun else { return nil }
    progress?(.record)
    // Symbols are left at 1 by the noise, which not every model accepts; the self-test is then left out.
    let files = InputFiles(randomSeed: options.recordingSeed)
    guard let inputs = try? files.values(for: Signature(model.graph)),
      let outputs = try? Interpreter(model.graph.reference()).run(inputs)
    else { return nil }
    return Recording(
      seed: options.recordingSeed, inputs: inputs, outputs: outputs,
      isRounded: options.code.precision == .bf16)
  }
}
