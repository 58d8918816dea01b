import CRuntime
import Diagnostics
public import IR
import LLVMBackend
package import Loops
import Lowering
import Synchronization
public import Tensors

/// Runs a graph as machine code compiled into this process.
///
/// One run at a time: callers on several threads wait for each other, or use an executor each.
public final class NativeExecutor: Executor, @unchecked Sendable {
  private let model: JITModel
  let session: OpaquePointer
  let lock = Mutex(())
  let graph: Graph
  package let program: Program
  /// The most threads that a run may use.
  let threads: Int

  /// Lowers and compiles a graph for the running machine.
  ///
  /// - Parameters:
  ///   - threads: the most threads that a run may use.
  ///   - code: what the code may do.
  /// - Throws: a `DiagnosticList` with every node that has no native code.
  public convenience init(
    _ graph: Graph, threads: Int = 1, code: CodeOptions = CodeOptions()
  ) throws {
    try self.init(graph, threads: threads, target: .native(), code: code)
  }

  package convenience init(
    _ graph: Graph, threads: Int, target: Loops.Target, code: CodeOptions = CodeOptions()
  ) throws {
    let program = try GraphLowering.lower(graph, for: target, options: code.lowering)
    try self.init(
      program, of: graph, threads: threads, target: target, cache: code.cache?.cache)
  }

  /// Compiles a program that no graph of the user's has become.
  convenience init(_ program: Program, threads: Int, target: Loops.Target) throws {
    try self.init(program, of: Graph(name: program.name), threads: threads, target: target)
  }

  private init(
    _ program: Program, of graph: Graph, threads: Int, target: Loops.Target,
    cache: KernelCache? = nil
  ) throws {
    self.graph = graph
    self.program = program
    self.threads = threads
    model = try JITModel(
      program, for: target, options: ModelOptions(threads: threads), cache: cache)
    var options = martlet_options()
    options.size = UInt32(MemoryLayout<martlet_options>.size)
    options.threads = Int32(threads)
    var created: OpaquePointer?
    let descriptor = model.descriptor.assumingMemoryBound(to: martlet_model.self)
    let status = martlet_session_create_for_model(descriptor, &options, &created)
    guard status == 0, let created else { throw Self.failure(status) }
    session = created
  }

  deinit { martlet_session_destroy(session) }

  /// Bytes of working memory that the session holds now.
  public var memoryByteCount: Int { Int(martlet_session_memory_bytes(session)) }

  private static func failure(_ status: Int32) -> Diagnostic {
    Diagnostic("run.failed", String(cString: martlet_session_status_message(status)))
  }

  /// - Throws: `run.failed` with the run-time's message; taps are the interpreter's alone.
  public func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value] {
    guard taps.isEmpty else {
      throw Diagnostic.unsupported("run.taps", "compiled code has no taps on inner values")
    }
    let tensors = try inputs.map { value in
      guard let tensor = value.tensor else {
        throw Diagnostic("run.input-type", "an input is \(value.type), expected a tensor")
      }
      return tensor
    }
    return try run(tensors).map { .tensor($0) }
  }

  /// Runs on tensors in the order of the graph's inputs.
  ///
  /// - Throws: `run.input-count`, or `run.failed` with the run-time's message.
  public func run(_ inputs: [Tensor]) throws -> [Tensor] {
    guard inputs.count == program.inputs.count else {
      throw Diagnostic(
        "run.input-count", "\(inputs.count) inputs are given, expected \(program.inputs.count)")
    }
    return try lock.withLock { _ in try runLocked(inputs) }
  }

  private func runLocked(_ inputs: [Tensor]) throws -> [Tensor] {
    // Shapes of all inputs behind each other, so that one allocation holds them while C reads them.
    var dimensions = inputs.flatMap { $0.shape.map(Int64.init) }
    if dimensions.isEmpty { dimensions = [0] }
    return try dimensions.withUnsafeBufferPointer { shapes in
      var next = 0
      var arguments = inputs.map { tensor in
        defer { next += tensor.rank }
        return martlet_tensor(
          data: UnsafeMutableRawPointer(mutating: tensor.storage.bytes.baseAddress),
          shape: shapes.baseAddress.map { $0 + next }, rank: Int32(tensor.rank),
          type: tensor.type.rawValue)
      }
      if arguments.isEmpty { arguments = [martlet_tensor()] }
      var results = Array(repeating: martlet_tensor(), count: max(1, program.outputs.count))
      let status = martlet_session_run(session, arguments, &results)
      guard status == 0 else { throw Self.failure(status) }
      return results.prefix(program.outputs.count).map(Self.copy)
    }
  }

  /// The bytes of an output, which the session owns only until its next run.
  private static func copy(_ result: martlet_tensor) -> Tensor {
    let shape = (0..<Int(result.rank)).map { Int(result.shape[$0]) }
    let type = ElementType(rawValue: result.type) ?? .f32
    return Tensor(type: type, shape: shape) { bytes in
      guard let data = result.data else { return }
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: data, count: bytes.count))
    }
  }
}
