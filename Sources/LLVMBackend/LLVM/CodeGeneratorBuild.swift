import CLLVM
import CTargetParser

/// Which LLVM generates code.
enum CodeGeneratorBuild {
  /// The version, and the identifier that the linker gave to this build of the library where it has one: packages of
  /// one version may differ in their patches.
  static let identifier: [UInt8] = {
    var version: (major: UInt32, minor: UInt32, patch: UInt32) = (0, 0, 0)
    LLVMGetVersion(&version.major, &version.minor, &version.patch)
    return Array("\(version.major).\(version.minor).\(version.patch)\n".utf8) + notes
  }()

  private static var notes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = min(martlet_llvm_notes(buffer.baseAddress, buffer.count), buffer.count)
    }
  }
}
