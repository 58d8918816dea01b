import CTargetParser
import Glibc
package import Loops

extension Loops.Target {
  /// A target that schedules and requirements of which follow from what LLVM knows of a processor.
  ///
  /// - Parameter features: changes to the processor's own, such as `+avx2,-fma`.
  /// - Returns: nil when LLVM knows no such processor of the architecture.
  package init?(name: String, triple: String, cpu: String, features: String) {
    let plain = Loops.Target(
      name: name, triple: triple, cpu: cpu, features: features, requirements: [])
    guard let enabled = Self.instructionSets(plain.architecture, cpu: cpu, features: features)
    else { return nil }
    // LLVM avoids 512-bit registers on processors that once ran slower with them; schedules rely on them.
    let isWide = enabled.isSuperset(of: InstructionSet.wideVectors)
    let preference = isWide ? ["-prefer-256-bit"] : []
    self.init(
      name: name, triple: triple, cpu: cpu,
      features: ([features] + preference).filter { !$0.isEmpty }.joined(separator: ","),
      requirements: enabled)
  }

  /// What code for a processor may be made of; nil when LLVM does not know it.
  package static func instructionSets(
    _ architecture: String, cpu: String, features: String
  ) -> Set<InstructionSet>? {
    guard let list = martlet_target_features(architecture, cpu, features) else { return nil }
    defer { free(list) }
    let names = String(cString: list).split(separator: ",")
    return Set(names.compactMap { InstructionSet(rawValue: String($0)) })
  }
}
