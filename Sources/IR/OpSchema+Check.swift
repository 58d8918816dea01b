public import Diagnostics
import Tensors

extension OpSchema {
  /// Every way in which a node's inputs and outputs do not fit this form; empty when they do.
  ///
  /// Importer and verifier both ask here, so operators may rely on arity and element types.
  /// Diagnostics: `arity.missing-input`, `arity.too-many-inputs`, `arity.missing-output`,
  /// `arity.too-many-outputs`, `type.not-a-tensor`, `type.element`, `type.variable`.
  ///
  /// - Parameters:
  ///   - inputs: one type per input, nil where an optional input is left out.
  ///   - outputCount: how many outputs the node lists, unused ones included.
  ///   - outputs: the types of the outputs, where they are known already.
  public func check(
    inputs: [ValueType?], outputCount: Int, outputs: [ValueType?] = []
  ) -> [Diagnostic] {
    var found = checkInputCount(inputs) + checkOutputCount(outputCount)
    var bindings: [String: (type: ValueType, place: String)] = [:]
    for (index, type) in inputs.enumerated() {
      guard let type, let parameter = Self.parameter(index, in: self.inputs) else { continue }
      let place = "input \(index) ('\(parameter.name)')"
      if let problem = bind(type, parameter, place, &bindings) { found.append(problem) }
    }
    for (index, type) in outputs.enumerated() {
      guard let type, let parameter = Self.parameter(index, in: self.outputs) else { continue }
      let place = "output \(index) ('\(parameter.name)')"
      if let problem = bind(type, parameter, place, &bindings) { found.append(problem) }
    }
    return found
  }

  private func checkInputCount(_ inputs: [ValueType?]) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for (index, parameter) in self.inputs.enumerated() {
      switch parameter.occurrence {
      case .required where index >= inputs.count || inputs[index] == nil:
        found.append(
          Diagnostic(
            "arity.missing-input",
            "\(qualifiedName) needs input \(index) ('\(parameter.name)'), found \(inputs.count) inputs"
          ))
      case .variadic(let minimum):
        let given = inputs.dropFirst(index)
        if given.count < minimum || given.contains(nil) {
          found.append(
            Diagnostic(
              "arity.missing-input",
              "\(qualifiedName) has \(given.count { $0 != nil }) inputs for '\(parameter.name)', "
                + "expected at least \(minimum) and none left out"))
        }
      default: continue
      }
    }
    if let limit = Self.limit(self.inputs), inputs.count > limit {
      found.append(
        Diagnostic(
          "arity.too-many-inputs",
          "\(qualifiedName) has \(inputs.count) inputs, expected at most \(limit)"))
    }
    return found
  }

  private func checkOutputCount(_ count: Int) -> [Diagnostic] {
    var least = 0
    for (index, parameter) in outputs.enumerated() {
      switch parameter.occurrence {
      case .required: least = index + 1
      case .variadic(let minimum): least = max(least, index + minimum)
      case .optional: continue
      }
    }
    if count < least {
      return [
        Diagnostic(
          "arity.missing-output",
          "\(qualifiedName) has \(count) outputs, expected at least \(least)")
      ]
    }
    if let limit = Self.limit(outputs), count > limit {
      return [
        Diagnostic(
          "arity.too-many-outputs",
          "\(qualifiedName) has \(count) outputs, expected at most \(limit)")
      ]
    }
    return []
  }

  /// The greatest number of arguments that a parameter list takes; nil when it ends in a variadic one.
  private static func limit(_ list: [Parameter]) -> Int? {
    if case .variadic? = list.last?.occurrence { return nil }
    return list.count
  }

  /// Checks one argument against its parameter's type variable, which its first use fixes.
  private func bind(
    _ type: ValueType, _ parameter: Parameter, _ place: String,
    _ bindings: inout [String: (type: ValueType, place: String)]
  ) -> Diagnostic? {
    guard !parameter.type.isEmpty else { return nil }
    if let allowed = types[parameter.type] {
      guard let element = type.tensor?.element else {
        return Diagnostic(
          "type.not-a-tensor", "\(place) of \(qualifiedName) is \(type), expected a tensor")
      }
      guard allowed.contains(element) else {
        let names = allowed.types.sorted { $0.rawValue < $1.rawValue }.map(\.description)
        return Diagnostic(
          "type.element",
          "\(place) of \(qualifiedName) is \(element), expected one of "
            + names.joined(separator: ", "))
      }
    }
    guard let (bound, first) = bindings[parameter.type] else {
      bindings[parameter.type] = (type, place)
      return nil
    }
    guard let a = bound.tensor?.element, let b = type.tensor?.element, a != b else { return nil }
    return Diagnostic(
      "type.variable",
      "\(place) of \(qualifiedName) is \(b), but \(first) of the same type '\(parameter.type)' is \(a)"
    )
  }
}
