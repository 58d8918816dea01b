import IR
import Tensors

/// A node as it is written.
struct EncodedNode {
  var name: String
  var domain: String
  var op: String
  var inputs: [String]
  var outputs: [String]
  var attributes: Attributes

  /// The node in the standard's words: operators that keep a meaning of old opsets become several nodes.
  ///
  /// An operator that `flattens` (Softmax and its kin before opset 13) works on the input as a matrix whose rows start at
  /// `axis`: it becomes Shape, Flatten, the operator on the last axis, Reshape.
  func standardForm() -> [EncodedNode] {
    guard domain.isEmpty, case .int(1)? = attributes["flattens"], inputs.count == 1,
      outputs.count == 1
    else { return [self] }
    var axis = -1
    if case .int(let given)? = attributes["axis"] { axis = given }
    func part(_ op: String, _ inputs: [String], _ output: String, _ attributes: Attributes)
      -> EncodedNode
    {
      EncodedNode(
        name: "\(name)/\(op)", domain: "", op: op, inputs: inputs, outputs: [output],
        attributes: attributes)
    }
    let shape = "\(name)/shape"
    let flat = "\(name)/flat"
    let result = "\(name)/result"
    return [
      part("Shape", inputs, shape, Attributes()),
      part("Flatten", inputs, flat, Attributes { $0.int("axis", axis) }),
      part(op, [flat], result, Attributes { $0.int("axis", -1) }),
      part("Reshape", [result, shape], outputs[0], Attributes { $0.int("allowzero", 1) }),
    ]
  }
}
