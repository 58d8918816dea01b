import CTargetParser
import Diagnostics
import Loops

/// The matrix registers of the machine that runs the compiler.
enum MatrixTiles {
  /// Whether code in this process may use them.
  ///
  /// Linux saves them only for processes that have asked, which this does: without, a kernel that uses them kills the
  /// process. A system that does not know of them refuses; whether the processor has them, `cpuid` says.
  static var areGranted: Bool { martlet_grant_matrix_tiles() != 0 }

  /// Gets the registers for code that may use them.
  ///
  /// - Throws: `backend.no-matrix-tiles` when the system refuses.
  static func request(for target: Loops.Target) throws(Diagnostic) {
    if target.hasMatrixTiles, !areGranted {
      throw Diagnostic(
        "backend.no-matrix-tiles",
        "code for '\(target)' cannot run here: this machine has no matrix registers (amx-tile) to use"
      )
    }
  }
}
