import Foundation

/// What the system knows of this process.
public enum ProcessFacts {
  /// The largest resident set so far; 0 where the system does not say.
  ///
  /// `getrusage` would count from the parent's, which a process inherits.
  public static var peakResidentByteCount: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return (Int(line.filter(\.isNumber)) ?? 0) * 1024
    }
    return 0
  }

  /// What the processor calls itself; its architecture where the system does not say.
  public static var processorName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    #if arch(x86_64)
      return name ?? "x86-64"
    #else
      return name ?? "AArch64"
    #endif
  }
}
