import CLLVM
package import Loops

extension Loops.Target {
  /// The machine that runs the compiler: its CPU with every feature it reports.
  package static func native() -> Loops.Target {
    let triple = LLVMNormalizeTargetTriple(LLVMGetDefaultTargetTriple()).map(
      String.init(consuming:))
    let cpu = LLVMGetHostCPUName().map(String.init(consuming:)) ?? "generic"
    let features = LLVMGetHostCPUFeatures().map(String.init(consuming:)) ?? ""
    let enabled = Set(
      features.split(separator: ",").filter { $0.hasPrefix("+") }.map { $0.dropFirst() })
    func has(_ names: Substring...) -> Bool { names.allSatisfy(enabled.contains) }
    guard let triple, triple.hasPrefix("x86_64") else {
      return Loops.Target(
        name: "native", triple: triple ?? "aarch64-unknown-linux-gnu", cpu: cpu,
        features: features, vectorBits: 128, vectorRegisterCount: 32, hasFMA: true,
        hasDot4: false, hasMasks: false)
    }
    let isWide = has("avx512f", "avx512bw", "avx512dq", "avx512vl")
    let isMiddle = has("avx2", "fma", "f16c")
    return Loops.Target(
      name: "native", triple: triple, cpu: cpu,
      features: isWide ? features + ",-prefer-256-bit" : features,
      vectorBits: isWide ? 512 : isMiddle ? 256 : 128, vectorRegisterCount: isWide ? 32 : 16,
      hasFMA: isMiddle, hasDot4: isWide && has("avx512vnni"), hasMasks: isWide)
  }

  /// Whether the machine that runs the compiler can run code for this target.
  package var runsHere: Bool {
    let host = Loops.Target.native()
    guard host.triple.prefix(6) == triple.prefix(6) else { return false }
    return vectorBits <= host.vectorBits && (!hasDot4 || host.hasDot4) && (!hasFMA || host.hasFMA)
  }
}
