public import IR
import Tensors

/// The reference table of operators that `docs/generated/operators.md` holds.
public enum OperatorTable {
  /// The table as Markdown, one operator per line, sorted by domain and name.
  ///
  /// - Parameters:
  ///   - engines: what can run an operator beside the interpreter; this module knows no other engine.
  ///   - cases: how many of the standard's node cases pass, for an operator's qualified name.
  public static func markdown(
    of registry: OpRegistry = OpCatalog.standard,
    engines: (any Op.Type) -> [String] = { _ in [] }, cases: (String) -> String = { _ in "" }
  ) -> String {
    let operators = registry.all
    var lines = [
      "# Operators",
      "",
      "Generated from the operator catalog; do not edit. \(operators.count) operators.",
      "",
      "Opsets are those that introduced or changed an operator; every opset from 7 on is read. Inputs and",
      "outputs marked `?` are optional, those marked `*` may be repeated. `native` stands where compiled code",
      "exists; not every type and attribute has to have it, and `martlet check` names what a model lacks.",
      "`cases` counts the standard's node cases about the operator that pass on the interpreter and natively,",
      "of all that there are; a case about several operators counts for each.",
      "",
      "| operator | opsets | inputs | outputs | types | engines | cases |",
      "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for type in operators {
      let schema = type.schema
      let cells = [
        "`\(schema.qualifiedName)`",
        schema.versions.map(String.init).joined(separator: ", "),
        parameters(schema.inputs), parameters(schema.outputs), types(schema.types),
        (["interpreter"] + engines(type)).joined(separator: ", "), cases(schema.qualifiedName),
      ]
      lines.append("| \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func parameters(_ list: [OpSchema.Parameter]) -> String {
    list.map { parameter in
      let mark =
        switch parameter.occurrence {
        case .required: ""
        case .optional: "?"
        case .variadic: "*"
        }
      let type = parameter.type.isEmpty ? "" : ": \(parameter.type)"
      return "\(parameter.name)\(mark)\(type)"
    }.joined(separator: ", ")
  }

  private static func types(_ types: [String: TypeSet]) -> String {
    types.sorted { $0.key < $1.key }.map { "\($0.key): \(name(of: $0.value))" }
      .joined(separator: "; ")
  }

  private static func name(of set: TypeSet) -> String {
    let named: [(String, TypeSet)] = [
      ("all", .all), ("numeric", .numeric), ("signed", .signed), ("integers", .integers),
      ("floats", .floats), ("signed integers", .signedIntegers),
      ("unsigned integers", .unsignedIntegers),
    ]
    if let found = named.first(where: { $0.1 == set }) { return found.0 }
    return set.types.sorted { $0.rawValue < $1.rawValue }.map(\.description).joined(separator: " ")
  }
}
