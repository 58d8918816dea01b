public import Tensors

/// A node as a file gives it, before its operator is decoded: what `Op.upgrade` rewrites.
public struct ImportedNode {
  /// A value by name, an omitted optional input, or a constant that an upgrade added.
  public enum Input: Sendable {
    case value(String)
    case none
    case constant(Tensor)
  }

  public var name: String
  public var domain: String
  public var op: String
  /// The opset version that the model declares for the domain.
  public let opset: Int
  public var inputs: [Input]
  public var outputs: [String]
  public var attributes: Attributes
  /// Known ranks of the inputs; nil where unknown. For upgrades whose new form depends on the rank.
  public var inputRanks: [Int?]

  public init(
    name: String, domain: String, op: String, opset: Int, inputs: [Input], outputs: [String],
    attributes: Attributes, inputRanks: [Int?] = []
  ) {
    self.name = name
    self.domain = domain
    self.op = op
    self.opset = opset
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    self.inputRanks = inputRanks
  }

  /// Moves an `ints` attribute of an older form to input number `index` as an `i64` vector.
  public mutating func moveIntsToInput(_ name: String, _ index: Int) {
    guard case .ints(let values)? = attributes[name] else { return }
    attributes[name] = nil
    setInput(index, .constant(Tensor(values.map { Int64($0) }, shape: [values.count])))
  }

  /// Sets an input, filling the places before it with omitted ones.
  public mutating func setInput(_ index: Int, _ input: Input) {
    while inputs.count <= index { inputs.append(.none) }
    inputs[index] = input
  }
}
