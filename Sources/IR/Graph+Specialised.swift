package import Diagnostics
import Tensors

extension Graph {
  /// The graph with other types of its inputs, from which all types are inferred again.
  ///
  /// - Parameter types: one per input; nil keeps what is there.
  /// - Throws: what a shape rule says of these types.
  package func specialised(_ types: [ValueType?]) throws(Diagnostic) -> Graph {
    var graph = withInputs(types)
    var inference = TypeInference()
    try inference.run(on: &graph)
    return graph
  }

  /// The graph with other types of its inputs.
  ///
  /// A dimension that is neither a number nor a symbol gets a symbol of its own, equal ones the same: so every symbol is
  /// bound by the inputs alone.
  package func withInputs(_ types: [ValueType?]) -> Graph {
    var graph = self
    for (input, type) in zip(inputs, types) {
      let type = type ?? self[input].type
      guard let tensor = type.tensor, let shape = tensor.shape else { continue }
      let bound = shape.map { dimension in
        dimension.isConstant || dimension.asSymbol != nil
          ? dimension : .symbol("size(\(dimension))")
      }
      graph.setType(input, .tensor(tensor.element, bound))
    }
    return graph
  }
}
