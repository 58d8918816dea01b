package import Diagnostics
package import IR
package import Tensors

/// Replaces keys by values; what is no key becomes the default.
///
/// - Input: `X`, numbers or strings. Output: `Y`, the values' type, same shape.
/// - Attributes: one of `keys_floats`, `keys_int64s`, `keys_strings`, `keys_tensor`; as many of one of `values_floats`,
///   `values_int64s`, `values_strings`, `values_tensor`; the default of the values' kind: `default_float` (0),
///   `default_int64` (-1), `default_string` ("_Unused") or `default_tensor`.
/// - Errors: `attribute.missing`, `attribute.length`, `type.keys`.
/// - Source: ai.onnx.ml LabelEncoder-4 (versions 1 with `classes_strings`, 2, 4 with tensors). NaN equals NaN.
package struct LabelEncoder: TensorOp {
  package static let schema = OpSchema(
    "LabelEncoder", domain: "ai.onnx.ml", versions: [1, 2, 4], inputs: [.required("X", "T1")],
    outputs: [.required("Y", "T2")],
    types: ["T1": TypeSet.numeric.union([.string]), "T2": TypeSet.numeric.union([.string])])

  package let attributes: Attributes
  private let keys: Tensor?
  private let values: Tensor?
  private let fallback: Tensor?
  /// The classes of version 1, which maps both ways.
  private let classes: [String]?

  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    var store = Attributes()
    let classes = try reader.strings("classes_strings")
    store.strings("classes_strings", classes)
    self.classes = classes
    keys = try Self.list("keys", &reader, &store)
    values = try Self.list("values", &reader, &store)
    let number = try reader.float("default_float", default: 0)
    let integer = try reader.int("default_int64", default: -1)
    let text = try reader.string("default_string", default: "_Unused")
    let tensor = try reader.tensor("default_tensor")
    store.float("default_float", number, default: 0)
    store.int("default_int64", integer, default: -1)
    store.string("default_string", text, default: "_Unused")
    if let tensor { store["default_tensor"] = .tensor(tensor) }
    attributes = store
    let type = values?.type ?? .i64
    if let tensor, tensor.elementCount == 1, tensor.type == type {
      fallback = tensor
    } else if type == .string {
      fallback = Tensor(strings: [text], shape: [1])
    } else {
      let value = type.isFloat ? number : Double(integer)
      fallback = Tensor(doubles: [value], shape: [1], type: type)
    }
    guard classes == nil else { return }
    guard let keys, let values else { throw reader.missing(keys == nil ? "keys_*" : "values_*") }
    guard keys.elementCount == values.elementCount else {
      throw Diagnostic(
        "attribute.length", "\(keys.elementCount) keys, \(values.elementCount) values")
    }
  }

  /// The keys or values, whichever kind of attribute holds them.
  private static func list(
    _ name: String, _ reader: inout AttributeReader, _ store: inout Attributes
  ) throws(Diagnostic) -> Tensor? {
    let floats = try reader.floats("\(name)_floats")
    let integers = try reader.ints("\(name)_int64s")
    let strings = try reader.strings("\(name)_strings")
    let tensor = try reader.tensor("\(name)_tensor")
    store.floats("\(name)_floats", floats)
    store.ints("\(name)_int64s", integers)
    store.strings("\(name)_strings", strings)
    if let tensor { store["\(name)_tensor"] = .tensor(tensor) }
    if let floats { return Tensor(doubles: floats, shape: [floats.count], type: .f32) }
    if let integers { return Tensor(integers: integers, shape: [integers.count], type: .i64) }
    if let strings { return Tensor(strings: strings, shape: [strings.count]) }
    return tensor
  }

  /// Whether keys are strings, or are where the input is, as classes map both ways.
  var hasTextKeys: Bool { classes != nil || keys?.type == .string }

  func tables(
    _ input: ElementType
  ) throws(Diagnostic) -> (keys: Tensor, values: Tensor, fallback: Tensor?) {
    if let keys, let values { return (keys, values, fallback) }
    let names = classes ?? []
    let strings = Tensor(strings: names, shape: [names.count])
    let numbers = Tensor(names.indices.map { Int64($0) }, shape: [names.count])
    if input == .string { return (strings, numbers, fallback) }
    guard case .string(let text)? = attributes["default_string"] else {
      return (numbers, strings, Tensor(strings: ["_Unused"], shape: [1]))
    }
    return (numbers, strings, Tensor(strings: [text], shape: [1]))
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let input = try context.tensorType(0)
    let tables = try tables(input.element)
    guard (tables.keys.type == .string) == (input.element == .string) else {
      throw Diagnostic("type.keys", "the keys are \(tables.keys.type), the input \(input.element)")
    }
    return [.tensor(TensorType(tables.values.type, input.shape))]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let tables = try tables(x.type)
    let found: [Int?]
    if x.type == .string {
      found = ScalarText.places(of: x.strings, in: tables.keys.strings)
    } else {
      // NaN has a key of its own: its bits, made canonical.
      let bits = { (value: Double) in value.isNaN ? .max : (value == 0 ? 0 : value.bitPattern) }
      let keys = tables.keys.converted(to: x.type).doubles.map(bits)
      let places = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { $1 })
      found = x.doubles.map { places[bits($0)] }
    }
    var mover = ElementMover(type: tables.values.type, shape: x.shape)
    if let fallback = tables.fallback { mover.fill(with: fallback) }
    mover.pick(from: tables.values, found.map { $0 ?? -1 })
    return [mover.finish()]
  }
}
