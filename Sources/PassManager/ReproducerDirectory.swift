package import Diagnostics
import Glibc
package import IR
import Synchronization
import Tensors

/// A folder that holds the graph before the pass that is running, so that a crash leaves a golden test behind.
///
/// The text starts with the line `// pass: name`. Large constants are in `reproducer.bin` beside it, which only grows:
/// data that a pass does not touch is written once.
package final class ReproducerDirectory: Sendable {
  private let path: String
  private let data: Mutex<Data>

  private struct Data {
    var byteCount = 0
    /// Offsets by identity; holding the storage keeps the identity from being used again.
    var offsets: [ObjectIdentifier: (offset: Int, storage: TensorStorage)] = [:]
  }

  /// - Precondition: the folder exists.
  package init(_ path: String) {
    self.path = path
    data = Mutex(Data())
  }

  package var textPath: String { path + "/reproducer.ir" }
  private var dataPath: String { path + "/reproducer.bin" }

  /// - Throws: `reproducer.write` when a file cannot be written.
  package func write(_ graph: Graph, before pass: String) throws(Diagnostic) {
    var missing: [Tensor] = []
    var offsets: [ObjectIdentifier: Int] = [:]
    data.withLock { data in
      for id in graph.valueIDs {
        guard let tensor = graph.constant(id), tensor.elementCount > 64, tensor.type != .string
        else { continue }
        let key = ObjectIdentifier(tensor.storage)
        if data.offsets[key] == nil {
          data.offsets[key] = (data.byteCount, tensor.storage)
          data.byteCount += tensor.byteCount
          missing.append(tensor)
        }
        offsets[key] = data.offsets[key]?.offset
      }
    }
    let isFirst = data.withLock { $0.offsets.count == missing.count }
    if !missing.isEmpty { try append(missing, truncating: isFirst) }
    let known = offsets
    let text = Printer.print(
      graph,
      constants: .external { tensor in
        known[ObjectIdentifier(tensor.storage)].map { "file(\"reproducer.bin\", \($0))" }
      })
    unsafe try open(textPath, "w") { file in
      unsafe fputs("// pass: \(pass)\n\(text)", file) >= 0
    }
  }

  /// Removes the text once the pass has succeeded.
  package func remove() {
    unsafe _ = unlink(textPath)
  }

  private func append(_ tensors: [Tensor], truncating: Bool) throws(Diagnostic) {
    unsafe try open(dataPath, truncating ? "w" : "a") { file in
      tensors.allSatisfy { tensor in
        unsafe tensor.withBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
      }
    }
  }

  private func open(
    _ path: String, _ mode: String, _ body: (UnsafeMutablePointer<FILE>) -> Bool
  ) throws(Diagnostic) {
    let failure = Diagnostic(
      "reproducer.write", "cannot write a reproducer", at: .file(path))
    guard let file = unsafe fopen(path, mode) else { throw failure }
    let written = unsafe body(file)
    guard unsafe fclose(file) == 0, written else { throw failure }
  }
}
