public import Diagnostics
public import Tensors

/// What an operator means: its form, its attributes, its shape rule and its reference computation.
///
/// A conformer is a struct named after the standard's operator, in one file of `Ops`. It describes the newest form of
/// the operator; `upgrade` rewrites older forms at import.
public protocol Op: Sendable {
  static var schema: OpSchema { get }

  /// Decodes attributes; arity and element types have been checked against the schema.
  init(_ attributes: inout AttributeReader) throws(Diagnostic)

  /// The attributes that differ from their defaults: what `init` would read back.
  var attributes: Attributes { get }

  /// The types of the outputs. The schema's checks have passed.
  func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType]

  /// The reference computation: one value for each of the first `outputCount` outputs.
  func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value]

  /// Rewrites an older form of the operator into the newest one.
  static func upgrade(_ node: inout ImportedNode) throws(Diagnostic)

  /// False when running it twice may give different results (random generators without a seed).
  var isDeterministic: Bool { get }

  /// Multiply-accumulates of one run, for reports and schedules.
  func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr
}

extension Op {
  public static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {}
  public var isDeterministic: Bool { true }
  public func multiplyAccumulates(_ context: InferenceContext) -> IndexExpr { 0 }
}

/// An operator whose inputs and outputs are all tensors.
public protocol TensorOp: Op {
  func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor]
}

extension TensorOp {
  public func evaluate(_ inputs: [Value?], outputCount: Int) throws(Diagnostic) -> [Value] {
    try evaluate(Operands(inputs.map { $0?.tensor }, outputCount: outputCount)).map { .tensor($0) }
  }
}

/// The tensors that a reference computation receives; arity has been checked.
public struct Operands: Sendable {
  private let tensors: [Tensor?]
  /// How many outputs the node has; the others need not be computed.
  public let outputCount: Int

  public init(_ tensors: [Tensor?], outputCount: Int = 1) {
    self.tensors = tensors
    self.outputCount = outputCount
  }

  public var count: Int { tensors.count }

  /// A required input.
  public subscript(index: Int) -> Tensor {
    guard index < tensors.count, let tensor = tensors[index] else {
      preconditionFailure("input \(index) is required by the schema")
    }
    return tensor
  }

  /// An optional input: nil when left out.
  public func optional(_ index: Int) -> Tensor? {
    index < tensors.count ? tensors[index] : nil
  }

  /// All inputs of a variadic parameter that starts at `start`.
  public func variadic(from start: Int = 0) -> [Tensor] {
    tensors.dropFirst(start).compactMap { $0 }
  }
}

/// An operator that can say what integers its output holds before anything runs: the operators of shape computations.
public protocol ContentInferring: Op {
  /// For each output the elements in row-major order, or nil where they are not known.
  func inferContents(_ context: InferenceContext) -> [[IndexExpr]?]
}
