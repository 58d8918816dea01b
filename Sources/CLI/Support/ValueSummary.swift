import Foundation
import IR
import Tensors

/// What is printed of a result.
struct ValueSummary: Encodable {
  let name: String
  let type: String
  /// Of the finite elements; nil where there are none.
  let minimum: Double?
  let maximum: Double?
  let mean: Double?
  let notFinite: Int
  /// The first elements.
  let first: [Double]

  private static let shown = 8

  init(name: String, value: Value) {
    self.name = name
    type = value.type.description
    let elements = value.tensor?.doubles ?? []
    let finite = elements.filter(\.isFinite)
    minimum = finite.min()
    maximum = finite.max()
    mean = finite.isEmpty ? nil : finite.reduce(0, +) / Double(finite.count)
    notFinite = elements.count - finite.count
    first = finite.count == elements.count ? Array(elements.prefix(Self.shown)) : []
  }

  /// Such as `logits: f32[1, 10]  min -3.1  max 9.2  mean 0.4  [1.2, ...]`.
  var line: String {
    guard let minimum, let maximum, let mean else { return "\(name): \(type)" }
    let numbers = first.map(Self.short).joined(separator: ", ")
    return "\(name): \(type)  min \(Self.short(minimum))  max \(Self.short(maximum))"
      + "  mean \(Self.short(mean))" + (notFinite > 0 ? "  \(notFinite) not finite" : "")
      + (first.isEmpty ? "" : "  [\(numbers)\(first.count == Self.shown ? ", ..." : "")]")
  }

  private static func short(_ value: Double) -> String { String(format: "%.5g", value) }
}
