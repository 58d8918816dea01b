package import Diagnostics
package import IR
package import Tensors

/// The grid of normalized coordinates that an affine map sends every output position to, for `GridSample`.
///
/// - Inputs: `theta` `[N, 2, 3]` or `[N, 3, 4]`, `size` `[N, C, H, W]` or `[N, C, D, H, W]`. Output: `[N, H, W, 2]` or
///   `[N, D, H, W, 3]`, the last axis counting spatial axes from the back.
/// - Errors: `shape.theta`, `shape.size`.
/// - Source: ONNX AffineGrid-20; Jaderberg et al. 2015, arXiv:1506.02025.
package struct AffineGrid: TensorOp {
  package static let schema = OpSchema(
    "AffineGrid", versions: [20], inputs: [.required("theta", "T1"), .required("size", "T2")],
    outputs: [.required("grid", "T1")], types: ["T1": .floats, "T2": .i64])

  package var alignCorners: Bool

  package init(alignCorners: Bool = false) { self.alignCorners = alignCorners }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alignCorners = try attributes.flag("align_corners")
  }

  package var attributes: Attributes { Attributes { $0.flag("align_corners", alignCorners) } }

  /// - Returns: how many spatial axes there are.
  private func check(_ theta: [IndexExpr]) throws(Diagnostic) -> Int? {
    guard theta.count == 3 else {
      throw Diagnostic("shape.theta", "theta has shape \(theta), expected [N, 2, 3] or [N, 3, 4]")
    }
    guard let rank = theta[1].value else { return theta[2].value.map { $0 - 1 } }
    let fits = theta[2].value.map { $0 == rank + 1 } ?? true
    guard fits, rank == 2 || rank == 3 else {
      throw Diagnostic("shape.theta", "theta has shape \(theta), expected [N, 2, 3] or [N, 3, 4]")
    }
    return rank
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let theta = try context.shape(0)
    let size = context.contents(1)
    guard let rank = try check(theta) ?? size.map({ $0.count - 2 }) else {
      return [.tensor(TensorType(try context.element(0), nil))]
    }
    if let size, size.count != rank + 2 {
      throw Diagnostic(
        "shape.size", "size has \(size.count) elements, expected \(rank + 2) for theta \(theta)")
    }
    guard rank == 2 || rank == 3 else {
      throw Diagnostic("shape.theta", "theta has shape \(theta), expected [N, 2, 3] or [N, 3, 4]")
    }
    let spatial = (0..<rank).map { axis in
      if let size = size?[axis + 2], size.isDimension { return size }
      return context.freshDimension(axis: axis + 1)
    }
    return [.tensor(try context.element(0), [theta[0]] + spatial + [IndexExpr(rank)])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let theta = inputs[0]
    let size = inputs[1].integers ?? []
    guard let rank = try check(theta.symbolicShape), size.count == rank + 2,
      size[0] == theta.shape[0], size.checkedElementCount != nil
    else {
      throw Diagnostic("shape.size", "size is \(size), which does not fit theta \(theta.shape)")
    }
    let spatial = Array(size.dropFirst(2))
    let map = theta.doubles
    var grid: [Double] = []
    for n in 0..<size[0] {
      for position in GridPositions(spatial) {
        let point = zip(position, spatial).map { coordinate($0, $1) }.reversed() + [1]
        for row in 0..<rank {
          let start = (n * rank + row) * (rank + 1)
          grid.append(point.indices.reduce(0) { $0 + map[start + $1] * point[$1] })
        }
      }
    }
    return [Tensor(doubles: grid, shape: [size[0]] + spatial + [rank], type: theta.type)]
  }

  /// The normalized coordinate of position `index` of `count`.
  private func coordinate(_ index: Int, _ count: Int) -> Double {
    if alignCorners {
      return count == 1 ? -1 : -1 + 2 * Double(index) / Double(count - 1)
    }
    return (2 * Double(index) + 1) / Double(count) - 1
  }
}
