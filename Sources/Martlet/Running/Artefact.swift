import CRuntime
public import Diagnostics
import Foundation
public import IR
import Synchronization
import Tensors

/// A compiled library, loaded into this process and called through its C interface.
///
/// One run at a time: callers on several threads wait for each other, or open an artefact each.
public final class Artefact: Executor, @unchecked Sendable {
  public let metadata: ArtefactMetadata
  public let signature: Signature
  /// The variant that runs, one of the metadata's.
  public let variant: String
  private let functions: ArtefactFunctions
  private let session: OpaquePointer
  private let lock = Mutex(())

  /// Loads a library and makes a session; the library stays loaded until the process ends.
  ///
  /// - Parameters:
  ///   - threads: the most threads that a run may use; 0 for all that it was compiled for.
  ///   - variant: one of the metadata's variants; nil for the best that this processor runs.
  /// - Throws: `artefact.load` when the file is no library that Martlet made, `artefact.version` when it was made
  ///   for another version of the interface, `run.failed` when no session can be made, as on a processor that lacks
  ///   what the variant needs.
  public init(_ path: String, threads: Int = 0, variant: String? = nil) throws(Diagnostic) {
    let place = Location.file(path)
    // Without a slash the loader would search the system's folders instead.
    guard let library = dlopen(path.contains("/") ? path : "./\(path)", RTLD_NOW | RTLD_LOCAL)
    else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
      throw Diagnostic("artefact.load", "cannot load: \(reason)", at: place)
    }
    functions = try ArtefactFunctions(library, at: place)
    let version = functions.version()
    guard version == MARTLET_ABI_VERSION else {
      throw Diagnostic(
        "artefact.version",
        "the library has version \(version) of the interface, expected \(MARTLET_ABI_VERSION)",
        at: place)
    }
    let json = functions.metadata().map { String(cString: $0) } ?? ""
    guard
      let metadata = try? JSONDecoder().decode(ArtefactMetadata.self, from: Data(json.utf8)),
      let signature = metadata.signature(source: path)
    else {
      throw Diagnostic("artefact.load", "the library's metadata cannot be read", at: place)
    }
    self.metadata = metadata
    self.signature = signature
    var options = martlet_options()
    options.size = UInt32(MemoryLayout<martlet_options>.size)
    options.threads = Int32(clamping: threads)
    var created: OpaquePointer?
    let create = functions.create
    let status = Self.withCString(variant) { name in
      options.variant = name
      return create(&options, &created)
    }
    guard status == 0, let created else {
      throw Self.failure(status, functions).located(at: place)
    }
    session = created
    self.variant = functions.variant(created).map { String(cString: $0) } ?? ""
  }

  private static func withCString(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> Int32
  ) -> Int32 {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
  }

  deinit { functions.destroy(session) }

  private static func failure(_ status: Int32, _ functions: ArtefactFunctions) -> Diagnostic {
    let message = functions.message(status).map { String(cString: $0) } ?? "status \(status)"
    return Diagnostic("run.failed", message)
  }

  /// Replays the recorded vector on the best variant that this processor runs.
  ///
  /// - Throws: `run.failed` with the reason.
  public func selfTest() throws(Diagnostic) {
    let status = functions.selftest()
    if status != 0 { throw Self.failure(status, functions) }
  }

  /// - Throws: `run.failed` with the run-time's message; an artefact has no taps.
  public func run(
    _ inputs: [Value], taps: Set<ValueID>, tap: (ValueID, Value) -> Void
  ) throws -> [Value] {
    guard taps.isEmpty else {
      throw Diagnostic.unsupported("run.taps", "compiled code has no taps on inner values")
    }
    guard inputs.count == signature.inputs.count else {
      throw Diagnostic(
        "run.input-count",
        "\(inputs.count) inputs are given, expected \(signature.inputs.count)")
    }
    return try lock.withLock { _ in
      try TensorExchange.call(inputs, outputCount: signature.outputs.count) { arguments, results in
        let status = functions.run(session, arguments, results)
        if status != 0 { throw Self.failure(status, functions) }
      }
    }
  }
}
