package import Diagnostics
package import IR
package import Tensors

/// The `K` largest or smallest elements along an axis, in order, and where they stand; of equal ones the earlier first.
///
/// - Inputs: `X` of a numeric type; `K`, `i64[1]`. Outputs: `Values` and `Indices` (`i64`), dimension `K` at the axis.
/// - Attributes: `axis`, last by default; `largest`, true by default; `sorted`: without it any order is allowed, and
///   it is the same here.
/// - Errors: `attribute.axis`, `shape.top-k` when K is negative or more than the dimension.
/// - Source: ONNX TopK-24 (versions 1 with attribute `k`, 10, 11 with `largest` and `sorted`, 24). NaN counts as
///   larger than any number.
package struct TopK: TensorOp {
  package static let schema = OpSchema(
    "TopK", versions: [1, 10, 11, 24], inputs: [.required("X", "T"), .required("K", "I")],
    outputs: [.required("Values", "T"), .required("Indices", "I")],
    types: ["T": .numeric, "I": .i64])

  package var axis: Int
  package var largest: Bool
  package var sorted: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    axis = try attributes.int("axis", default: -1)
    largest = try attributes.flag("largest", default: true)
    sorted = try attributes.flag("sorted", default: true)
  }

  package init(axis: Int = -1, largest: Bool = true) {
    self.axis = axis
    self.largest = largest
    sorted = true
  }

  package var attributes: Attributes {
    Attributes {
      $0.int("axis", axis, default: -1)
      $0.flag("largest", largest, default: true)
      $0.flag("sorted", sorted, default: true)
    }
  }

  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard node.opset < 10, case .int(let count)? = node.attributes["k"] else { return }
    node.attributes["k"] = nil
    node.setInput(1, .constant(Tensor([Int64(count)], shape: [1])))
  }

  private func check(_ count: Int, _ dimension: Int?) throws(Diagnostic) {
    guard count >= 0, dimension.map({ count <= $0 }) ?? true else {
      throw Diagnostic(
        "shape.top-k", "K is \(count), expected at most \(dimension ?? .max) elements of the axis")
    }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.tensorType(0)
    guard var shape = x.shape else {
      return [.tensor(TensorType(x.element, nil)), .tensor(TensorType(.i64, nil))]
    }
    let place = try Axes.one(axis, rank: shape.count)
    let count = context.contents(1)?.first
    if let value = count?.value { try check(value, shape[place].value) }
    // Both outputs have the same dimension, so it has one name.
    shape[place] =
      count.flatMap { $0.isDimension ? $0 : nil } ?? context.freshDimension(axis: place)
    return [.tensor(x.element, shape), .tensor(.i64, shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let place = try Axes.one(axis, rank: x.rank)
    let extent = x.shape[place]
    let count = inputs[1].ints.first ?? 0
    try check(count, extent)
    let inner = x.shape[(place + 1)...].reduce(1, *)
    let outer = x.shape[..<place].reduce(1, *)
    var shape = x.shape
    shape[place] = count
    // Smaller keys come first.
    let keys = (x.orderKeys ?? []).map { largest ? ~$0 : $0 }
    var sources = Array(repeating: 0, count: shape.elementCount)
    var indices = Array(repeating: Int64(0), count: shape.elementCount)
    for row in 0..<outer {
      for column in 0..<inner {
        let start = row * extent * inner + column
        let order = (0..<extent).sorted { a, b in
          let (p, q) = (keys[start + a * inner], keys[start + b * inner])
          return p == q ? a < b : p < q
        }
        for (k, index) in order.prefix(count).enumerated() {
          sources[(row * count + k) * inner + column] = start + index * inner
          indices[(row * count + k) * inner + column] = Int64(index)
        }
      }
    }
    var mover = ElementMover(type: x.type, shape: shape)
    mover.pick(from: x, sources)
    return [mover.finish(), Tensor(indices, shape: shape)]
  }
}
