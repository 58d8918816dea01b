public import IR
public import Tensors

/// The product of the elements along some axes.
///
/// - Inputs: `data`; optional `axes`, an `i64` vector, each at most once. Output: `reduced`, the same type, with reduced
///   axes of length 1 or gone. No element gives 1.
/// - Attributes: `keepdims` (default 1); `noop_with_empty_axes` (default 0): 1 makes missing axes mean none, not all.
/// - Errors: `attribute.axis`, `attribute.repeated-axis`, `shape.unknown-axes`.
/// - Source: ONNX ReduceProd-18 (versions 1, 11, 13, 18; before 18 axes are an attribute).
public struct ReduceProd: ContentReduction {
  public static let schema = OpSchema(
    "ReduceProd", versions: [1, 11, 13, 18],
    inputs: [.required("data", "T"), .optional("axes", "A")],
    outputs: [.required("reduced", "T")],
    types: ["T": TypeSet.floats.union([.i32, .i64, .u32, .u64]), "A": .i64])

  public let form: ReductionForm

  public init(form: ReductionForm) { self.form = form }

  public var initial: Double { 1 }

  public func add(_ x: Double, to state: inout Double) { state *= x }

  public func result(_ state: Double, count: Int) -> Double { state }

  public func initialInteger(in range: ClosedRange<Int>) -> Int { 1 }

  public func add(_ x: Int, to state: Int) -> Int { state &* x }

  public func fold(_ a: IndexExpr, _ b: IndexExpr) -> IndexExpr { a * b }
}
