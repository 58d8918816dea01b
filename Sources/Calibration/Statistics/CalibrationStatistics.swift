public import Diagnostics

/// What a model's values were like over some samples, enough for every way to choose ranges.
///
/// Statistics depend on the set of samples alone: those of two sets merge into exactly those of their union, in any
/// order. Apart from one digest for each sample, by which it is known again, they do not grow with the number of samples.
public struct CalibrationStatistics: Sendable, Hashable {
  /// A digest of the model that the values belong to.
  public let modelDigest: String
  /// By the value's name.
  public package(set) var values: [String: ValueStatistics]
  /// Digests of the samples that were seen.
  public package(set) var sampleDigests: Set<String>
  /// What channels of values were divided by before anything was counted, by the value's name: the model's own values
  /// where there are none.
  public let scalings: [String: [Float]]

  /// Statistics of no samples.
  public init(modelDigest: String, values names: [String], scalings: [String: [Float]] = [:]) {
    self.modelDigest = modelDigest
    self.scalings = scalings
    values = Dictionary(names.map { ($0, ValueStatistics()) }) { first, _ in first }
    sampleDigests = []
  }

  public var sampleCount: Int { sampleDigests.count }

  /// The range to quantize a value in: it contains zero and is not empty.
  ///
  /// - Throws: `calibration.unknown-value` for a value that was not watched, `calibration.no-data` for one that had no
  ///   elements in any sample.
  public func range(
    of name: String, _ method: RangeMethod, grid: IntegerGrid = IntegerGrid()
  ) throws(Diagnostic) -> (low: Float, high: Float) {
    guard let value = values[name] else {
      throw Diagnostic(
        "calibration.unknown-value",
        "there are no statistics of the value, expected one of the \(values.count) that were collected",
        at: .value(model: "", name: name))
    }
    guard value.elementCount > 0 else {
      throw Diagnostic(
        "calibration.no-data", "the value had no elements in \(sampleCount) samples",
        at: .value(model: "", name: name))
    }
    return value.range(method, grid: grid)
  }

  /// A warning for every value that was the same number throughout, by name.
  public var warnings: DiagnosticList {
    DiagnosticList(
      values.sorted { $0.key < $1.key }.compactMap { name, value in
        value.warning(at: .value(model: "", name: name))
      })
  }

  /// Adds the statistics of other samples of the same model.
  ///
  /// - Throws: `calibration.model` when the models differ, `calibration.values` when other values were watched,
  ///   `calibration.scalings` when channels were divided by other factors, `calibration.overlap` when both have seen a
  ///   sample: it would count twice.
  public mutating func merge(_ other: CalibrationStatistics) throws(Diagnostic) {
    try check(modelDigest: other.modelDigest)
    try check(scalings: other.scalings)
    try check(values: other.values.keys.sorted())
    let common = sampleDigests.intersection(other.sampleDigests)
    guard common.isEmpty else {
      throw Diagnostic(
        "calibration.overlap",
        "\(common.count) of \(other.sampleCount) samples are in both statistics, expected none")
    }
    for (name, value) in other.values { values[name]?.merge(value) }
    sampleDigests.formUnion(other.sampleDigests)
  }

  /// - Throws: `calibration.model` when the statistics are of another model.
  public func check(modelDigest other: String) throws(Diagnostic) {
    guard modelDigest == other else {
      throw Diagnostic(
        "calibration.model",
        "the statistics are of model \(modelDigest.prefix(12)), expected \(other.prefix(12))",
        notes: ["statistics belong to the very model that they were collected with"])
    }
  }

  private func check(scalings other: [String: [Float]]) throws(Diagnostic) {
    guard scalings != other else { return }
    throw Diagnostic(
      "calibration.scalings",
      "channels of \(scalings.count) values were scaled, expected the same factors for the same values: "
        + "those of \(other.count) values are in the other statistics",
      notes: [
        "the first run of `martlet quantize --statistics` decides; let others go on with a copy of its file"
      ])
  }

  /// - Throws: `calibration.values` when other values were watched.
  public func check(values names: [String]) throws(Diagnostic) {
    let (own, others) = (Set(values.keys), Set(names))
    guard let first = own.symmetricDifference(others).min() else { return }
    throw Diagnostic(
      "calibration.values",
      "the statistics are of \(own.count) values, expected \(others.count): '\(first)' is in one of them only"
    )
  }
}

extension CalibrationStatistics: Codable {
  private enum CodingKeys: String, CodingKey {
    case modelDigest = "model"
    case sampleDigests = "samples"
    case scalings
    case values
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    modelDigest = try container.decode(String.self, forKey: .modelDigest)
    values = try container.decode([String: ValueStatistics].self, forKey: .values)
    sampleDigests = Set(try container.decode([String].self, forKey: .sampleDigests))
    scalings = try container.decodeIfPresent([String: [Float]].self, forKey: .scalings) ?? [:]
    guard scalings.values.allSatisfy({ $0.allSatisfy { $0 > 0 && $0.isFinite } }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .scalings, in: container, debugDescription: "a factor is not positive")
    }
  }

  /// Equal statistics are encoded in the same way, where the encoder sorts keys.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modelDigest, forKey: .modelDigest)
    try container.encode(values, forKey: .values)
    try container.encode(sampleDigests.sorted(), forKey: .sampleDigests)
    if !scalings.isEmpty { try container.encode(scalings, forKey: .scalings) }
  }
}
