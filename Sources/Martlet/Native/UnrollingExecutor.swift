import Diagnostics
public import IR
import Ops
import Synchronization
import Tensors

/// Runs a graph as machine code that is made anew for what inputs decide: the number and shapes of the tensors in sequences
/// and optionals, the lengths of strings, which are computed with as their Unicode scalars, and, where ranks or numbers of
/// tensors follow from them, the values of small integer inputs; at last, where code needs numbers that the model leaves open,
/// the sizes of all inputs.
public final class UnrollingExecutor: Executor {
  private let graph: Graph
  private let threads: Int
  private let code: CodeOptions
  private let state = Mutex(State())

  private struct Code {
    let executor: NativeExecutor
    let outputs: [Unrolled]
  }

  /// What code has to be made for.
  package enum Knowledge: Int, CaseIterable, Sendable {
    case forms
    /// Also the values of `decidingInputs`.
    case values
    /// Also the sizes of all inputs.
    case sizes
  }

  private struct State {
    var compiled: [String: Code] = [:]
    var knowledge = Knowledge.forms
  }

  /// More forms of code are made again when they are met again.
  private static let mostForms = 64

  /// What the code of the last run was made for.
  package var knowledge: Knowledge { state.withLock { $0.knowledge } }

  /// The most elements of an input whose values code may be made for.
  private static let mostElements = 16

  /// Inputs that may decide how code looks: scalars and vectors of integers and booleans, where they are short.
  private static func decidingInputs(of graph: Graph) -> Set<ValueID> {
    Set(
      graph.inputs.filter { id in
        guard let type = graph.tensorType(id), let rank = type.shape?.count else { return false }
        return rank <= 1 && (type.element.isInteger || type.element == .bool)
      })
  }

  private func decidingInputs(_ inputs: [Value]) -> Set<ValueID> {
    let short = zip(graph.inputs, inputs).filter {
      $0.1.tensor.map { $0.elementCount <= Self.mostElements } ?? false
    }
    return Self.decidingInputs(of: graph).intersection(short.map(\.0))
  }

  /// - Parameters:
  ///   - threads: the most threads that a run may use.
  ///   - code: what the code may do.
  public init(_ graph: Graph, threads: Int = 1, code: CodeOptions = CodeOptions()) {
    self.graph = graph
    self.threads = threads
    self.code = code
  }

  /// What runs a graph in this process: one compiled form where inputs and outputs are tensors and nothing depends on
  /// the values of inputs.
  ///
  /// - Throws: a `DiagnosticList` with every node that has no native code, unless values of inputs may decide that; then
  ///   `run` throws it.
  public static func executor(
    for graph: Graph, threads: Int = 1, code: CodeOptions = CodeOptions()
  ) throws -> any Executor {
    let ports = graph.inputs + graph.outputs
    let isNumeric = { (id: ValueID) in graph.tensorType(id).map { $0.element != .string } ?? false }
    if ports.allSatisfy(isNumeric) {
      let isOpen = graph.inputs.contains { graph.tensorType($0)?.staticShape == nil }
      do {
        return try NativeExecutor(graph, threads: threads, code: code)
      } catch  where decidingInputs(of: graph).isEmpty && !isOpen {
        throw error
      } catch {}
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
    let (made, constants) = try compiledCode(for: zip(graph.inputs, inputs).map(spelled))
    let given = zip(graph.inputs, inputs).filter { !constants.contains($0.0) }
    var results = try made.executor.run(given.flatMap { Self.tensors(in: spelled($0, $1)) })[...]
    return zip(graph.outputs, made.outputs).map { id, form in
      Self.value(form, graph[id].type, &results)
    }
  }

  /// The code for these inputs, and the inputs whose values are part of it.
  ///
  /// What was needed once is taken to be needed from then on.
  private func compiledCode(for inputs: [Value]) throws -> (Code, Set<ValueID>) {
    let deciding = decidingInputs(inputs)
    var first: (any Error)?
    for known in Knowledge.allCases where known.rawValue >= knowledge.rawValue {
      let constants = known == .forms ? [] : deciding
      do {
        let made = try compiledCode(for: inputs, keeping: constants, sized: known == .sizes)
        state.withLock { $0.knowledge = known }
        return (made, constants)
      } catch {
        first = first ?? error
      }
    }
    // What is wrong with the least that is known says most.
    throw first ?? Diagnostic.internal("run.code", "no code was asked for")
  }

  private func compiledCode(
    for inputs: [Value], keeping constants: Set<ValueID>, sized isSized: Bool
  ) throws -> Code {
    let key = zip(graph.inputs, inputs).map { id, value in
      if constants.contains(id), let tensor = value.tensor {
        return "\(tensor.shape)\(tensor.integers ?? [])"
      }
      guard let type = graph.tensorType(id) else { return Self.form(of: value) }
      return isSized || type.element == .string ? Self.form(of: value) : ""
    }.joined(separator: ";")
    if let known = state.withLock({ $0.compiled[key] }) { return known }
    var source = try spelledGraph(for: inputs)
    if isSized { source = try source.specialised(inputs.map { $0.tensor == nil ? nil : $0.type }) }
    let unrolled = try source.unrolled(for: inputs, keeping: constants)
    let made = Code(
      executor: try NativeExecutor(unrolled.graph, threads: threads, code: code),
      outputs: unrolled.outputs)
    state.withLock {
      if $0.compiled.count >= Self.mostForms { $0.compiled = [:] }
      $0.compiled[key] = made
    }
    return made
  }

  // MARK: - Strings

  private func isText(_ id: ValueID) -> Bool { graph.tensorType(id)?.element == .string }

  /// Strings as their scalars; everything else as it is.
  ///
  /// There is room for a power of two of scalars, so that few lengths need code of their own.
  private func spelled(_ id: ValueID, _ value: Value) -> Value {
    guard isText(id), let text = value.tensor else { return value }
    var room = 4
    while room < Scalars.longest(text.strings) { room *= 2 }
    return .tensor(Scalars.spell(text, length: room))
  }

  /// The graph for inputs whose strings are scalars.
  private func spelledGraph(for inputs: [Value]) throws -> Graph {
    let lengths = zip(graph.inputs, inputs).compactMap { id, value in
      isText(id) ? value.tensor?.shape.last.map { (id, $0) } : nil
    }
    let hasText = graph.valueIDs.contains { isText($0) }
    return hasText ? try graph.spelled(lengths: Dictionary(uniqueKeysWithValues: lengths)) : graph
  }

  // MARK: - Sequences and optionals

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
    case .tensor:
      let tensor = tensors.removeFirst()
      return .tensor(type.tensor?.element == .string ? Scalars.read(tensor) : tensor)
    case .sequence(let elements):
      guard case .sequence(let element) = type else { return .sequence([]) }
      return .sequence(elements.map { value($0, element, &tensors) })
    case .nothing: return .optional(nil)
    }
  }
}
