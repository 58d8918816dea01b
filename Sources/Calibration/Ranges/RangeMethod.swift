/// How the range of a value that is to be quantized follows from its statistics.
public enum RangeMethod: Sendable, Hashable, CustomStringConvertible {
  /// From the least to the greatest element of all samples.
  case minmax
  /// From the mean of the samples' least elements to the mean of their greatest.
  case average
  /// Without the elements beyond so many percent, half of the rest on each side.
  case percentile(Double)
  /// Where the distribution of quantized elements diverges least from that of the elements (Kullback-Leibler).
  case entropy
  /// Where the mean squared error of quantized elements is least.
  case mse

  /// The percentile where none is said.
  public static let usualPercentile = 99.99

  /// Reads `minmax`, `average`, `percentile`, `percentile:99.9`, `entropy` or `mse`; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "minmax": self = .minmax
    case "average": self = .average
    case "percentile": self = .percentile(Self.usualPercentile)
    case "entropy": self = .entropy
    case "mse": self = .mse
    default:
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "percentile", let percent = Double(parts[1]),
        percent > 0, percent <= 100
      else { return nil }
      self = .percentile(percent)
    }
  }

  public var description: String {
    switch self {
    case .minmax: "minmax"
    case .average: "average"
    case .percentile(let percent): "percentile:\(percent)"
    case .entropy: "entropy"
    case .mse: "mse"
    }
  }
}
