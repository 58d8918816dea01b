import Diagnostics
import IR
import Tensors

/// What operators that run graphs ask of their operands.
enum ControlFlow {
  /// A condition of one element.
  ///
  /// - Throws: `control.condition` for other shapes and types.
  static func flag(_ value: Value?, _ name: String) throws(Diagnostic) -> Bool {
    guard let tensor = value?.tensor, tensor.type == .bool, tensor.elementCount == 1 else {
      throw Diagnostic(
        "control.condition",
        "'\(name)' is \(value?.type.description ?? "missing"), expected one boolean")
    }
    return tensor.array(of: Bool.self)[0]
  }

  /// A count of one element.
  ///
  /// - Throws: `control.count` for other shapes and types.
  static func count(_ value: Value, _ name: String) throws(Diagnostic) -> Int {
    guard let tensor = value.tensor, tensor.elementCount == 1, let number = tensor.ints.first else {
      throw Diagnostic("control.count", "'\(name)' is \(value.type), expected one integer")
    }
    return number
  }

  /// The last operands, none of which is left out.
  static func captured(_ inputs: [Value?], _ count: Int) throws(Diagnostic) -> [Value] {
    try required(inputs.suffix(count))
  }

  static func required(_ inputs: some Sequence<Value?>) throws(Diagnostic) -> [Value] {
    var values: [Value] = []
    for input in inputs {
      guard let input else { throw Diagnostic("type.missing-input", "an input is missing") }
      values.append(input)
    }
    return values
  }
}

extension InferenceContext {
  /// The symbols in the types of captured values: what a region may say about its outputs in terms of the graph around.
  func capturedSymbols(_ count: Int) -> Set<Symbol> {
    types.suffix(count).reduce(into: []) { found, type in
      for dimension in type?.tensor?.shape ?? [] { found.formUnion(dimension.symbols) }
    }
  }
}

extension ValueType {
  /// The type outside of a region: dimensions with symbols that only the region knows get others.
  func withKnownSymbols(_ known: Set<Symbol>, fresh: (Int) -> IndexExpr) -> ValueType {
    joined(with: self, isKept: { $0.symbols.isSubset(of: known) }, fresh: fresh) ?? self
  }
}

extension Graph {
  /// Whether all nodes give the same results every time.
  var isDeterministic: Bool { nodeIDs.allSatisfy { self[$0].op.isDeterministic } }
}
