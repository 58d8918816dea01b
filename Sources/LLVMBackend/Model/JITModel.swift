package import Diagnostics
import Glibc
package import Loops

/// A program compiled into this process.
///
/// The descriptor is a `martlet_model` for the run-time in `CRuntime`; it, the kernels and the constants live as long
/// as this object.
package final class JITModel: @unchecked Sendable {
  private let jit: JIT
  private let constants: UnsafeMutableRawBufferPointer
  /// The address of the `martlet_model`.
  package let descriptor: UnsafeRawPointer

  /// - Throws: what `CodeGenerator` and `JIT` throw; `backend.out-of-memory` when the constants do not fit.
  package init(
    _ program: Program, for target: Loops.Target, options: ModelOptions = ModelOptions(),
    cache: KernelCache? = nil
  ) throws(Diagnostic) {
    let names = SymbolNames()
    let objects = try CodeGenerator(target, cache: cache).code(
      for: program, names: names, options: options, isHidden: false
    ).objects
    let byteCount = program.constants.byteCount
    let memory = mmap(
      nil, max(byteCount, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, memory != MAP_FAILED else {
      throw Diagnostic("backend.out-of-memory", "no memory for \(byteCount) bytes of constants")
    }
    // Large pages where the system has some: a wish, whose refusal is no error.
    madvise(memory, byteCount, MADV_HUGEPAGE)
    constants = UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    program.constants.copy(to: constants)
    do throws(Diagnostic) {
      jit = try JIT(
        objects: objects, absolutes: [names.constants: UInt(bitPattern: memory)], for: target)
      guard let address = UnsafeRawPointer(bitPattern: try jit.address(of: names.descriptor))
      else { throw Diagnostic("backend.jit-failed", "the descriptor has no address") }
      descriptor = address
    } catch {
      munmap(memory, max(byteCount, 1))
      throw error
    }
  }

  deinit { munmap(constants.baseAddress, max(constants.count, 1)) }
}
