package import Diagnostics
import LLVMBackend
package import Loops

/// The targets that users can name.
public enum TargetSelection {
  /// Names that need no further explanation.
  public static var names: [String] { ["native"] + Target.named.map(\.name) }

  /// The targets of one artefact, the best first.
  ///
  /// - Throws: `target.unknown`; `target.mixed` when they are of different architectures; `target.duplicate` when two
  ///   need the same of a processor, so that one of them would never be chosen.
  package static func targets(_ texts: [String]) throws(Diagnostic) -> [Loops.Target] {
    guard !texts.isEmpty else {
      throw Diagnostic("target.unknown", "no target is given, expected at least one")
    }
    var targets: [Loops.Target] = []
    for text in texts {
      let target = try target(text)
      for other in targets {
        guard other.architecture == target.architecture else {
          throw Diagnostic(
            "target.mixed",
            "the targets '\(other)' and '\(target)' are of the architectures \(other.architecture) "
              + "and \(target.architecture), expected one for all of an artefact")
        }
        guard other.requirements != target.requirements else {
          throw Diagnostic(
            "target.duplicate",
            "the targets '\(other)' and '\(target)' need the same instruction sets, expected different "
              + "ones, between which a processor decides")
        }
      }
      targets.append(target)
    }
    return targets.sorted { $0.isBetter(than: $1) }
  }

  /// The target of a name, or of `TRIPLE[:CPU[:FEATURES]]`.
  ///
  /// - Throws: `target.unknown`.
  package static func target(_ text: String) throws(Diagnostic) -> Loops.Target {
    if text == "native" { return .native() }
    if let named = Target.named.first(where: { $0.name == text }) { return named }
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      .map(String.init)
    let cpu = parts.count > 1 ? parts[1] : ""
    guard parts[0].contains("-"), let base = base(of: parts[0]) else {
      throw Diagnostic(
        "target.unknown",
        "the target '\(text)' is not known, expected \(names.joined(separator: ", ")) or "
          + "TRIPLE[:CPU[:FEATURES]] of x86_64 or aarch64")
    }
    let features = [base.features] + parts.dropFirst(2)
    guard
      let target = Loops.Target(
        name: text, triple: parts[0], cpu: cpu.isEmpty ? base.cpu : cpu,
        features: features.filter { !$0.isEmpty }.joined(separator: ","))
    else {
      throw Diagnostic(
        "target.unknown",
        "the processor '\(cpu)' is not known, expected one of \(base.architecture) by LLVM's name",
        notes: [
          "llc-19 -march=\(base.architecture.replacing("_", with: "-")) -mcpu=help lists them"
        ])
    }
    return target
  }

  /// The oldest processor of the triple's architecture that is worth compiling for.
  private static func base(of triple: String) -> Loops.Target? {
    if triple.hasPrefix("aarch64-") || triple.hasPrefix("arm64-") { return .aarch64 }
    return triple.hasPrefix("x86_64-") ? .x86v2 : nil
  }
}
