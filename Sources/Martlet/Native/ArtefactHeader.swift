import IR
import Loops
import RuntimeSources

/// The C header of one artefact.
struct ArtefactHeader {
  let model: CompiledModel
  let prefix: String

  /// The interface, with the model's own inputs and outputs in a comment and as constants.
  var text: String {
    RuntimeSources.header(prefix: prefix, description: description)
  }

  private var description: String {
    let upper = prefix.uppercased()
    return """
      /* \(Self.comment(model.name)), compiled by martlet \(martletVersion) for \(Self.comment(model.variants.map(\.name).joined(separator: ", "))).
       *
       * Inputs, in order:
      \(ports(model.signature.inputs))
       * Outputs, in order:
      \(ports(model.signature.outputs))
       */
      #define \(upper)_INPUT_COUNT \(model.signature.inputs.count)
      #define \(upper)_OUTPUT_COUNT \(model.signature.outputs.count)
      \(indices(model.signature.inputs, upper + "_INPUT"))
      \(indices(model.signature.outputs, upper + "_OUTPUT"))

      """
  }

  private func ports(_ ports: [Signature.Port]) -> String {
    let lines = ports.enumerated().map { number, port in
      " *   \(number)  \(Self.comment(port.name)): \(port.type)"
    }
    return lines.isEmpty ? " *   none" : lines.joined(separator: "\n")
  }

  /// A constant for each port's place, unless two names look alike in C.
  private func indices(_ ports: [Signature.Port], _ prefix: String) -> String {
    let names = ports.map { Self.identifier($0.name).uppercased() }
    guard Set(names).count == names.count, !names.contains("COUNT") else { return "" }
    return names.enumerated().map { "#define \(prefix)_\($1) \($0)" }.joined(separator: "\n")
  }

  /// A name that cannot end a comment.
  private static func comment(_ name: String) -> String {
    name.replacing("*/", with: "* /").replacing("\n", with: " ")
  }

  /// A C identifier that looks like a name.
  static func identifier(_ name: String) -> String {
    let characters = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    let text = String(characters)
    return text.first?.isNumber ?? true ? "m_" + text : text
  }
}
