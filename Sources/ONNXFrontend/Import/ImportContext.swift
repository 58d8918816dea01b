import Diagnostics
import IR
import Tensors

/// What all graphs of one model share while it is imported.
final class ImportContext {
  let modelName: String
  let registry: OpRegistry
  let inputs: InputReading
  let tensors: TensorDecoder
  /// The opset version that the model declares, by domain.
  let opsets: [String: Int]
  let functions: [FunctionKey: FunctionMessage]
  var symbols = SymbolTable()
  var diagnostics = DiagnosticList()
  let functionSizes: FunctionSizes
  /// How many nodes have come out of inlined functions.
  var expandedNodeCount = 0

  init(
    modelName: String, registry: OpRegistry, inputs: InputReading, tensors: TensorDecoder,
    opsets: [String: Int], functions: [FunctionKey: FunctionMessage]
  ) {
    self.modelName = modelName
    self.registry = registry
    self.inputs = inputs
    self.tensors = tensors
    self.opsets = opsets
    self.functions = functions
    functionSizes = FunctionSizes(functions)
  }

  /// Records a problem; importing goes on.
  func report(_ diagnostic: Diagnostic, at location: Location = .unknown) {
    diagnostics.append(diagnostic.located(at: location))
  }

  /// Runs a step and records its problem; nil when it had one.
  func attempt<R>(at location: Location, _ step: () throws(Diagnostic) -> R) -> R? {
    do throws(Diagnostic) {
      return try step()
    } catch {
      report(error, at: location)
      return nil
    }
  }

  func location(ofValue name: String) -> Location { .value(model: modelName, name: name) }

  func location(of node: SourceNode) -> Location {
    .node(model: modelName, name: node.name, op: node.qualifiedOp)
  }
}
