import Diagnostics
import IR
import Tensors

extension GraphImporter {
  /// Compares an inferred type with what the file declares, reports contradictions, and takes over what only the
  /// declaration knows.
  ///
  /// Another element type is an error. Another shape is a warning, because exporters write such files and onnxruntime runs
  /// them: what the nodes say holds.
  ///
  /// A declared number replaces a dimension that would be known only at run time. It does not replace one that follows from
  /// the model's inputs: files whose inputs were made dynamic afterwards keep outdated numbers.
  @discardableResult
  func checkDeclared(_ name: String, _ inferred: ValueType, at location: Location) -> ValueType {
    guard let message = declared[name] else { return inferred }
    let decoded = context.attempt(at: location) { () throws(Diagnostic) in
      try context.decode(message, name: name, bindsSymbols: false)
    }
    guard case .tensor(let found) = inferred, case .tensor(let stated)?? = decoded else {
      return inferred
    }
    let contradiction = Diagnostic(
      "shape.contradiction", "'\(name)' is \(found), but the model declares \(stated)")
    if found.element != stated.element {
      context.report(contradiction, at: location)
      return inferred
    }
    guard let expected = stated.shape else { return inferred }
    guard let shape = found.shape else {
      return .tensor(found.element, withFreshSymbols(expected, name))
    }
    let differs = zip(shape, expected).contains { own, other in
      own.isConstant && other.isConstant && own != other
    }
    if shape.count != expected.count || differs {
      context.report(
        Diagnostic(contradiction.id, contradiction.message, severity: .warning), at: location)
      return inferred
    }
    // What files say of sizes in a loop is often true of its first run only.
    if parent != nil { return inferred }
    return .tensor(
      found.element,
      zip(shape, expected).map { own, other in
        let followsFromInputs = own.symbols.isSubset(of: context.symbols.inputSymbols)
        return other.isConstant && !followsFromInputs ? other : own
      })
  }

  func withFreshSymbols(_ shape: [IndexExpr], _ name: String) -> [IndexExpr] {
    shape.enumerated().map { axis, dimension in
      dimension.isConstant ? dimension : .symbol("\(name).\(axis)")
    }
  }
}
