import CLLVM
package import Loops

extension Loops.Target {
  /// The machine that runs the compiler: its CPU with every feature it reports.
  package static func native() -> Loops.Target {
    let triple = LLVMNormalizeTargetTriple(LLVMGetDefaultTargetTriple()).map(
      String.init(consuming:))
    let cpu = LLVMGetHostCPUName().map(String.init(consuming:)) ?? "generic"
    let features = LLVMGetHostCPUFeatures().map(String.init(consuming:)) ?? ""
    let machine = triple ?? Loops.Target.x86v2.triple
    if let target = Loops.Target(name: "native", triple: machine, cpu: cpu, features: features) {
      return target
    }
    // A processor that is newer than LLVM, which has told its features nevertheless.
    let enabled = features.split(separator: ",").filter { $0.hasPrefix("+") }.compactMap {
      InstructionSet(rawValue: String($0.dropFirst()))
    }
    return Loops.Target(
      name: "native", triple: machine, cpu: cpu, features: features, requirements: Set(enabled))
  }

  /// Whether the machine that runs the compiler can run code for this target.
  package var runsHere: Bool {
    let host = Loops.Target.native()
    return architecture == host.architecture && requirements.isSubset(of: host.requirements)
  }
}
