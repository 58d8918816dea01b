import ArgumentParser
import Calibration
import Diagnostics
import Foundation
import Martlet

/// Prints what statistics say of each value.
struct StatisticsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the extremes of every value and the range that each method chooses.")

  @Argument(help: "Statistics.", completion: .file(extensions: ["json"])) var file: String
  @Flag(help: "Print JSON.") var json = false

  private static let methods: [RangeMethod] = [
    .average, .percentile(RangeMethod.usualPercentile), .entropy, .mse,
  ]

  private struct Row: Encodable {
    let name: String
    let sampleCount: Int
    let elementCount: UInt64
    let minimum: Float
    let maximum: Float
    let isConstant: Bool
    /// For each method the lower and the upper bound.
    let ranges: [String: [Float]]

    init(_ name: String, _ value: ValueStatistics) {
      self.name = name
      sampleCount = value.sampleCount
      elementCount = value.elementCount
      minimum = value.minimum
      maximum = value.maximum
      isConstant = value.isConstant
      ranges = Dictionary(
        uniqueKeysWithValues: StatisticsShow.methods.map { method in
          let range = value.range(method)
          return (method.description, [range.low, range.high])
        })
    }
  }

  private struct Report: Encodable {
    let model: String
    let sampleCount: Int
    let values: [Row]
  }

  func run() throws {
    let statistics = try StatisticsFile.read(file)
    let rows = statistics.values.sorted { $0.key < $1.key }.map { Row($0.key, $0.value) }
    if json {
      return try Console.json(
        Report(model: statistics.modelDigest, sampleCount: statistics.sampleCount, values: rows))
    }
    for warning in statistics.warnings.diagnostics { Console.error(warning.description) }
    print("model     \(statistics.modelDigest)")
    print("samples   \(statistics.sampleCount)\n")
    let methods = Self.methods.map(\.description)
    var table = TextTable(["value", "elements", "min", "max"] + methods)
    for row in rows {
      table.add(
        [
          row.name, Quantity.count(Int(row.elementCount)), Self.short(row.minimum),
          Self.short(row.maximum),
        ] + methods.map { (row.ranges[$0] ?? []).map(Self.short).joined(separator: " ... ") })
    }
    print(table.description)
  }

  private static func short(_ number: Float) -> String { String(format: "%.4g", Double(number)) }
}
