import Diagnostics
public import IR
import Ops
import Synchronization
import Tensors

/// Runs a graph with sequences and optionals among its inputs and outputs as machine code, which is made anew for every
/// number and shape of the tensors in them.
public final class UnrollingExecutor: Executor {
  private let graph: Graph
  private let threads: Int
  private let code: CodeOptions
  private let compiled = Mutex<[String: Code]>([:])

  private struct Code {
    let executor: NativeExecutor
    let outputs: [Unrolled]
  }

  /// - Parameters:
  ///   - threads: the most threads that a run may use.
  ///   - code: what the code may do.
  public init(_ graph: Graph, threads: Int = 1, code: CodeOptions = CodeOptions()) {
    self.graph = graph
    self.threads = threads
    self.code = code
  }

  /// What runs a graph in this process: one compiled form where inputs and outputs are tensors.
  ///
  /// - Throws: a `DiagnosticList` with every node that has no native code.
  public static func executor(
    for graph: Graph, threads: Int = 1, code: CodeOptions = CodeOptions()
  ) throws -> any Executor {
    let ports = graph.inputs + graph.outputs
    if ports.allSatisfy({ graph.tensorType($0) != nil }) {
      return try NativeExecutor(graph, threads: threads, code: code)
    }
    return UnrollingExecutor(graph, threads: threads, code: code)
  }

  /// - Throws: `run.failed` with the run-time's message, and what compiling throws; taps are the interpreter's alone.
  public func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value] {
    guard taps.isEmpty else {
      throw Diagnostic.unsupported("run.taps", "compiled code has no taps on inner values")
    }
    guard inputs.count == graph.inputs.count else {
      throw Diagnostic(
        "run.input-count", "\(inputs.count) inputs are given, expected \(graph.inputs.count)")
    }
    let made = try compiledCode(for: inputs)
    var results = try made.executor.run(inputs.flatMap { Self.tensors(in: $0) })[...]
    return zip(graph.outputs, made.outputs).map { id, form in
      Self.value(form, graph[id].type, &results)
    }
  }

  private func compiledCode(for inputs: [Value]) throws -> Code {
    let key = zip(graph.inputs, inputs).map { id, value in
      graph.tensorType(id) == nil ? Self.form(of: value) : ""
    }.joined(separator: ";")
    if let known = compiled.withLock({ $0[key] }) { return known }
    let unrolled = try graph.unrolled(for: inputs)
    let made = Code(
      executor: try NativeExecutor(unrolled.graph, threads: threads, code: code),
      outputs: unrolled.outputs)
    compiled.withLock { $0[key] = made }
    return made
  }

  /// The shapes of the tensors in a value, and how they are held.
  private static func form(of value: Value) -> String {
    switch value {
    case .tensor: value.type.description
    case .sequence(let elements): "[\(elements.map { form(of: $0) }.joined(separator: ","))]"
    case .optional(let element): "(\(element.map { form(of: $0) } ?? ""))"
    case .map: "map"
    }
  }

  private static func tensors(in value: Value) -> [Tensor] {
    switch value {
    case .tensor(let tensor): [tensor]
    case .sequence(let elements): elements.flatMap { tensors(in: $0) }
    case .optional(let element): element.map { tensors(in: $0) } ?? []
    case .map: []
    }
  }

  private static func value(
    _ form: Unrolled, _ type: ValueType, _ tensors: inout ArraySlice<Tensor>
  ) -> Value {
    if case .optional(let element) = type {
      if case .nothing = form { return .optional(nil) }
      return .optional(value(form, element, &tensors))
    }
    switch form {
    case .tensor: return .tensor(tensors.removeFirst())
    case .sequence(let elements):
      guard case .sequence(let element) = type else { return .sequence([]) }
      return .sequence(elements.map { value($0, element, &tensors) })
    case .nothing: return .optional(nil)
    }
  }
}
