import CLLVM
import Glibc
package import Loops

extension Loops.Target {
  /// The machine that runs the compiler: its CPU with every feature that the system grants, and the caches that it reports.
  package static func native() -> Loops.Target {
    let described = described()
    return Loops.Target(
      name: described.name, triple: described.triple, cpu: described.cpu,
      features: described.features, requirements: described.requirements,
      level1ByteCount: cache(_SC_LEVEL1_DCACHE_SIZE) ?? described.level1ByteCount,
      level2ByteCount: cache(_SC_LEVEL2_CACHE_SIZE) ?? described.level2ByteCount)
  }

  /// The size of a cache, nil where the system does not know it.
  private static func cache(_ name: Int) -> Int? {
    let size = sysconf(Int32(name))
    return size > 0 ? size : nil
  }

  private static func described() -> Loops.Target {
    let triple = LLVMNormalizeTargetTriple(LLVMGetDefaultTargetTriple()).map(
      String.init(consuming:))
    let cpu = LLVMGetHostCPUName().map(String.init(consuming:)) ?? "generic"
    var features = LLVMGetHostCPUFeatures().map(String.init(consuming:)) ?? ""
    if features.contains("+\(InstructionSet.amxtile.rawValue)"), !MatrixTiles.areGranted {
      for set in InstructionSet.matrixTiles.map(\.rawValue).sorted() { features += ",-\(set)" }
    }
    let machine = triple ?? Loops.Target.x86v2.triple
    if let target = Loops.Target(name: "native", triple: machine, cpu: cpu, features: features) {
      return target
    }
    // A processor that is newer than LLVM, which has told its features nevertheless.
    var enabled: Set<InstructionSet> = []
    for change in features.split(separator: ",") {
      guard let set = InstructionSet(rawValue: String(change.dropFirst())) else { continue }
      if change.hasPrefix("+") { enabled.insert(set) } else { enabled.remove(set) }
    }
    return Loops.Target(
      name: "native", triple: machine, cpu: cpu, features: features, requirements: enabled)
  }

  /// Whether the machine that runs the compiler can run code for this target.
  package var runsHere: Bool {
    let host = Loops.Target.native()
    return architecture == host.architecture && requirements.isSubset(of: host.requirements)
  }
}
