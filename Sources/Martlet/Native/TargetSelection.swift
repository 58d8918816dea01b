package import Diagnostics
import LLVMBackend
package import Loops

/// The targets that users can name.
public enum TargetSelection {
  /// Names that need no further explanation.
  public static var names: [String] { ["native"] + Target.named.map(\.name) }

  /// The target of a name, or of `TRIPLE[:CPU[:FEATURES]]`.
  ///
  /// - Throws: `target.unknown`.
  package static func target(_ text: String) throws(Diagnostic) -> Loops.Target {
    if text == "native" { return .native() }
    if let named = Target.named.first(where: { $0.name == text }) { return named }
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      .map(String.init)
    let cpu = parts.count > 1 ? parts[1] : ""
    guard parts[0].contains("-"), let base = base(of: parts[0], cpu: cpu) else {
      throw Diagnostic(
        "target.unknown",
        "the target '\(text)' is not known, expected \(names.joined(separator: ", ")) or "
          + "TRIPLE[:CPU[:FEATURES]] of x86_64 or aarch64")
    }
    let extra = parts.count > 2 ? parts[2] : ""
    let features = [base.features, extra].filter { !$0.isEmpty }.joined(separator: ",")
    return Loops.Target(
      name: text, triple: parts[0], cpu: cpu.isEmpty ? base.cpu : cpu, features: features,
      vectorBits: base.vectorBits, vectorRegisterCount: base.vectorRegisterCount,
      hasFMA: base.hasFMA, hasDot4: base.hasDot4, hasMasks: base.hasMasks)
  }

  /// The instruction sets that schedules may count on: the CPU's where its name says them, else the oldest.
  private static func base(of triple: String, cpu: String) -> Loops.Target? {
    if triple.hasPrefix("aarch64-") || triple.hasPrefix("arm64-") { return .aarch64 }
    guard triple.hasPrefix("x86_64-") else { return nil }
    return Target.named.first { $0.name == cpu } ?? .x86v2
  }
}
