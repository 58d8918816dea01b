package import Diagnostics
import Tensors

extension Op {
  /// The types of the outputs by the shape rule; where that needs a rank or a size that is not known, element types alone.
  ///
  /// - Throws: what the shape rule throws, and `shape.unknown-rank` where not even element types follow from the
  ///   operator's schema.
  package func inferTypes(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    do throws(Diagnostic) {
      return try infer(context)
    } catch {
      guard error.id == "shape.unknown-rank" || error.id == "shape.open",
        let types = Self.schema.elementTypes(context.types, outputCount: context.outputCount)
      else { throw error }
      return types
    }
  }
}

extension OpSchema {
  /// Tensors of unknown rank with the element types that the type variables give; nil where one is left open.
  fileprivate func elementTypes(_ inputs: [ValueType?], outputCount: Int) -> [ValueType]? {
    var bound: [String: ElementType] = [:]
    for (index, type) in inputs.enumerated() {
      guard let element = type?.tensor?.element,
        let parameter = Self.parameter(index, in: self.inputs), !parameter.type.isEmpty
      else { continue }
      bound[parameter.type] = element
    }
    var types: [ValueType] = []
    for index in 0..<outputCount {
      guard let parameter = Self.parameter(index, in: outputs) else { return nil }
      var element = bound[parameter.type]
      if element == nil, let allowed = self.types[parameter.type]?.types, allowed.count == 1 {
        element = allowed.first
      }
      guard let element else { return nil }
      types.append(.tensor(TensorType(element, nil)))
    }
    return types
  }
}
