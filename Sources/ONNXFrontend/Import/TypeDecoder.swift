import Diagnostics
import IR
import Tensors

extension ImportContext {
  /// The type that a file declares; nil where it says nothing.
  ///
  /// - Parameters:
  ///   - name: the value, for messages and for the names of unnamed dimensions.
  ///   - bindsSymbols: whether names of dimensions become symbols of the model, as those of inputs do.
  /// - Throws: `type.*` and `shape.*` diagnostics.
  func decode(_ source: TypeMessage, name: String, bindsSymbols: Bool) throws(Diagnostic)
    -> ValueType?
  {
    if let tensor = source.tensor {
      return .tensor(try decode(tensor, name: name, bindsSymbols: bindsSymbols))
    }
    if let element = source.sequenceElement {
      return try decode(element, name: name, bindsSymbols: bindsSymbols).map { .sequence($0) }
    }
    if let element = source.optionalElement {
      return try decode(element, name: name, bindsSymbols: bindsSymbols).map { .optional($0) }
    }
    if let key = source.mapKeyNumber, let value = source.mapValue {
      let keyType = try elementType(key, name)
      return try decode(value, name: name, bindsSymbols: bindsSymbols).map {
        .map(key: keyType, value: $0)
      }
    }
    if source.isSparse {
      throw .unsupported("type.sparse", "value '\(name)' is a sparse tensor")
    }
    return nil
  }

  private func decode(
    _ source: TensorTypeMessage, name: String, bindsSymbols: Bool
  ) throws(Diagnostic) -> TensorType {
    let element = try elementType(source.elementTypeNumber, name)
    guard let dimensions = source.shape else { return TensorType(element, nil) }
    var shape: [IndexExpr] = []
    for (axis, dimension) in dimensions.enumerated() {
      switch dimension {
      // Exporters write -1 where they mean a dimension that is not known.
      case .number(let value) where value >= 0 && inputs.believesSizes:
        shape.append(IndexExpr(value))
      case _ where !bindsSymbols: shape.append(Self.undeclared)
      // A name without a letter or a digit, such as "?", says of two dimensions that neither is known.
      case .symbol(let parameter)
      where inputs.believesSizes && parameter.contains { $0.isLetter || $0.isNumber }:
        shape.append(symbols.named(parameter))
      case .symbol, .number, .unknown: shape.append(symbols.fresh("\(name)_\(axis)"))
      }
    }
    let type = TensorType(element, shape)
    try ShapeLimits.check(type, "value '\(name)'")
    return type
  }

  /// Stands for every dimension that a declaration leaves open.
  private static let undeclared = IndexExpr.symbol("?")

  private func elementType(_ number: Int, _ name: String) throws(Diagnostic) -> ElementType {
    if let type = Int32(exactly: number).flatMap(ElementType.init(rawValue:)) { return type }
    throw Diagnostic(
      "type.element-type",
      "value '\(name)' has element type \(number), expected one of 1 to \(ElementType.allCases.count)"
    )
  }
}
