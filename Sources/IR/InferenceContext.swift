public import Diagnostics
public import Tensors

/// What a shape rule may ask about its inputs.
public struct InferenceContext: Sendable {
  public let types: [ValueType?]
  /// Inputs whose value is known at compile time.
  public let constants: [Tensor?]
  /// Integer inputs whose elements are known as expressions of symbols (shape computations).
  public let contents: [[IndexExpr]?]
  public let outputCount: Int
  /// Prefix for symbols that stand for dimensions known only at run time; unique per node.
  public let symbolPrefix: String

  public init(
    types: [ValueType?], constants: [Tensor?], contents: [[IndexExpr]?], outputCount: Int,
    symbolPrefix: String
  ) {
    self.types = types
    self.constants = constants
    self.contents = contents
    self.outputCount = outputCount
    self.symbolPrefix = symbolPrefix
  }

  public var inputCount: Int { types.count }

  public func hasInput(_ index: Int) -> Bool { index < types.count && types[index] != nil }

  /// - Throws: `type.not-a-tensor` when the input is a sequence, an optional, a map or missing.
  public func tensorType(_ index: Int) throws(Diagnostic) -> TensorType {
    guard index < types.count, let type = types[index] else {
      throw Diagnostic("type.missing-input", "input \(index) is missing")
    }
    guard let tensor = type.tensor else {
      throw Diagnostic("type.not-a-tensor", "input \(index) is \(type), expected a tensor")
    }
    return tensor
  }

  public func element(_ index: Int) throws(Diagnostic) -> ElementType {
    try tensorType(index).element
  }

  /// - Throws: `shape.unknown-rank` when the rank of the input is not known.
  public func shape(_ index: Int) throws(Diagnostic) -> [IndexExpr] {
    guard let shape = try tensorType(index).shape else {
      throw .unsupported("shape.unknown-rank", "the rank of input \(index) is not known")
    }
    return shape
  }

  public func constant(_ index: Int) -> Tensor? {
    index < constants.count ? constants[index] : nil
  }

  /// The elements of an integer input as expressions, known from a constant or from a shape computation.
  public func contents(_ index: Int) -> [IndexExpr]? {
    if let known = index < contents.count ? contents[index] : nil { return known }
    guard let constant = constant(index), constant.elementCount <= 4096 else { return nil }
    return constant.integers?.map { IndexExpr($0) }
  }

  /// The elements of an integer input as numbers, when all are known.
  public func integers(_ index: Int) -> [Int]? {
    guard let contents = contents(index) else { return nil }
    var values: [Int] = []
    for element in contents {
      guard let value = element.value else { return nil }
      values.append(value)
    }
    return values
  }

  /// A dimension of output `output` that is only known when the node has run.
  public func freshDimension(output: Int = 0, axis: Int) -> IndexExpr {
    .symbol("\(symbolPrefix).\(output).\(axis)")
  }

  /// The axis counted from the front.
  ///
  /// - Throws: `attribute.axis` when it is outside `-rank..<rank`.
  public func axis(_ axis: Int, rank: Int, name: String = "axis") throws(Diagnostic) -> Int {
    guard axis >= -rank, axis < max(rank, 1) else {
      throw Diagnostic(
        "attribute.axis", "\(name) is \(axis), expected one in \(-rank)..<\(rank) for rank \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }
}
