import LLVMBackend
import Loops

/// The targets that this machine can run, its own last.
enum JITTargets {
  static let all = Loops.Target.named.filter(\.runsHere) + [.native()]
}
