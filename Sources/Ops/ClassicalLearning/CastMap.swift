package import Diagnostics
package import IR
import Tensors

/// The values of a map as a row, in ascending order of its keys.
///
/// - Input: `X`, a map from `i64` to `f32` or strings. Output: `Y`, `[1, C]` of the type that `cast_to` names.
/// - Attributes: `cast_to`: TO_FLOAT (the default), TO_STRING or TO_INT64; `map_form`: DENSE (the default, one column for each
///   entry) or SPARSE (`max_map` columns, each for the key of its number, 0 or empty strings where there is none).
/// - Errors: `attribute.value`, `type.not-a-map`, `type.keys`; `run.not-a-number`.
/// - Source: ai.onnx.ml CastMap-1; numbers become text with six decimals and keys outside of `0..<max_map` are left out, as in
///   onnxruntime.
package struct CastMap: Op {
  package static let schema = OpSchema(
    "CastMap", domain: "ai.onnx.ml", versions: [1], inputs: [.required("X", "")],
    outputs: [.required("Y", "T2")], types: ["T2": [.string, .f32, .i64]])

  private static let targets: [String: ElementType] = [
    "TO_FLOAT": .f32, "TO_STRING": .string, "TO_INT64": .i64,
  ]

  private let target: String
  private let form: String
  private let columnCount: Int

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    target = try reader.string("cast_to", default: "TO_FLOAT", oneOf: Self.targets.keys.sorted())
    form = try reader.string("map_form", default: "DENSE", oneOf: ["DENSE", "SPARSE"])
    columnCount = try reader.int("max_map", default: 1)
    guard form == "DENSE" || (0...1 << 32).contains(columnCount) else {
      throw Diagnostic("attribute.value", "max_map is \(columnCount), expected 0...2^32")
    }
  }

  package var attributes: Attributes {
    Attributes {
      $0.string("cast_to", target, default: "TO_FLOAT")
      $0.string("map_form", form, default: "DENSE")
      $0.int("max_map", columnCount, default: 1)
    }
  }

  private var element: ElementType { Self.targets[target] ?? .f32 }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let (key, _) = try context.mapType(0)
    guard key == .i64 else { throw Diagnostic("type.keys", "keys are \(key), expected i64") }
    let columns = form == "DENSE" ? context.freshDimension(axis: 1) : IndexExpr(columnCount)
    return [.tensor(element, [1, columns])]
  }

  package func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    let map = try MapEntries(inputs.first ?? nil)
    let values =
      element == .string && map.values.type == .f32
      ? Tensor(strings: map.values.doubles.map(Self.text), shape: map.values.shape)
      : try Conversion(target: element).apply(map.values)
    let keys = map.keys.integers ?? []
    let places: [Int]
    if form == "DENSE" {
      places = keys.indices.sorted { keys[$0] < keys[$1] }
    } else {
      var found = Array(repeating: -1, count: columnCount)
      for (place, key) in keys.enumerated() where found.indices.contains(key) { found[key] = place }
      places = found
    }
    var row = ElementMover(type: element, shape: [1, places.count])
    row.pick(from: values, places)
    return [.tensor(row.finish())]
  }

  /// The number with six decimals, as C's `%f` spells it.
  private static func text(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let sign = value.sign == .minus ? "-" : ""
    let magnitude = value.magnitude
    // Doubles from 2^52 on are whole.
    let whole = magnitude.rounded(.down)
    let rest = Int(((magnitude - whole) * 1_000_000).rounded(.toNearestOrEven))
    let digits = String(rest % 1_000_000)
    let decimals = String(repeating: "0", count: 6 - digits.count) + digits
    // No f32 reaches 2^128.
    return "\(sign)\(UInt128(rest == 1_000_000 ? whole + 1 : whole)).\(decimals)"
  }
}
