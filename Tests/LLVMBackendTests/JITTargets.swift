import LLVMBackend
import Loops

/// The targets that this machine can run, its own last.
enum JITTargets {
  static let all = Loops.Target.named.filter(\.runsHere) + [.native()]

  /// One for each vector width: what operations of single elements depend on.
  static let widths = all.filter { ![.x86v4, .x86v4vnni, .x86v4amx].contains($0) }
}
