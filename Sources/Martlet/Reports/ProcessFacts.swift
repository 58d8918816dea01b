import Foundation

/// What the system knows of this process.
public enum ProcessFacts {
  /// The largest resident set so far.
  public static var peakResidentByteCount: Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss * 1024
  }
}
