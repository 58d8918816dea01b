package import Diagnostics
package import IR
package import Tensors

/// Samples `X` at the places that a grid names in normalized coordinates.
///
/// - Inputs: `X` `[N, C, D1...Dn]`, `grid` `[N, O1...On, n]`, whose last axis counts the spatial axes from the back and
///   whose values -1 and 1 are the ends of an axis. Output: `Y` `[N, C, O1...On]` of the type of `X`.
/// - Errors: `shape.rank`, `shape.grid`, `attribute.value`.
/// - Source: ONNX GridSample-22 (versions 16, 20, 22); Jaderberg et al. 2015, arXiv:1506.02025.
package struct GridSample: TensorOp {
  package enum PaddingMode: String, Sendable, Hashable, CaseIterable {
    case zeros
    case border
    case reflection
  }

  package static let schema = OpSchema(
    "GridSample", versions: [16, 20, 22],
    inputs: [.required("X", "T1"), .required("grid", "T2")], outputs: [.required("Y", "T1")],
    types: ["T1": .numeric.union(.bool), "T2": .floats])

  package var mode: InterpolationMode
  package var padding: PaddingMode
  package var alignCorners: Bool

  package init(
    mode: InterpolationMode = .linear, padding: PaddingMode = .zeros, alignCorners: Bool = false
  ) {
    self.mode = mode
    self.padding = padding
    self.alignCorners = alignCorners
  }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    mode = try attributes.choice("mode", default: .linear)
    padding = try attributes.choice("padding_mode", default: .zeros)
    alignCorners = try attributes.flag("align_corners")
  }

  package var attributes: Attributes {
    Attributes {
      $0.string("mode", mode.rawValue, default: "linear")
      $0.string("padding_mode", padding.rawValue, default: "zeros")
      $0.flag("align_corners", alignCorners)
    }
  }

  /// Version 16 calls its modes bilinear and bicubic.
  package static func upgrade(_ node: inout ImportedNode) throws(Diagnostic) {
    guard case .string(let mode)? = node.attributes["mode"] else { return }
    if mode == "bilinear" { node.attributes["mode"] = .string("linear") }
    if mode == "bicubic" { node.attributes["mode"] = .string("cubic") }
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let x = try context.shape(0)
    let grid = try context.shape(1)
    try check(x, grid)
    return [.tensor(try context.element(0), [x[0], x[1]] + grid[1..<grid.count - 1])]
  }

  private func check(_ x: [IndexExpr], _ grid: [IndexExpr]) throws(Diagnostic) {
    guard x.count >= 3, grid.count == x.count else {
      throw Diagnostic(
        "shape.rank",
        "input has rank \(x.count) and grid rank \(grid.count), expected equal ranks of at least 3")
    }
    let last = grid[grid.count - 1]
    let batches = !x[0].isConstant || !grid[0].isConstant || x[0] == grid[0]
    guard batches, !last.isConstant || last == IndexExpr(x.count - 2) else {
      throw Diagnostic("shape.grid", "grid \(grid) does not fit an input of shape \(x)")
    }
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let x = inputs[0]
    let grid = inputs[1]
    try check(x.symbolicShape, grid.symbolicShape)
    let sizes = Array(x.shape.dropFirst(2))
    let strides = sizes.rowMajorStrides
    let rank = sizes.count
    let positions = Array(grid.shape[1..<grid.rank - 1])
    let shape = x.shape.prefix(2) + positions
    let count = positions.elementCount
    let plane = sizes.elementCount
    let values = x.doubles
    let places = grid.doubles
    var y = Array(repeating: 0.0, count: Array(shape).elementCount)
    guard plane > 0 else { return [Tensor(doubles: y, shape: Array(shape), type: x.type)] }
    for n in 0..<x.shape[0] {
      for p in 0..<count {
        // The product of the taps along all axes, as offsets into a plane with their weights.
        var taps = [(offset: 0, weight: 1.0)]
        for axis in 0..<rank {
          let coordinate = places[(n * count + p) * rank + rank - 1 - axis]
          let own = axisTaps(coordinate, sizes[axis])
          taps = taps.flatMap { tap in
            own.map { (tap.offset + $0.index * strides[axis], tap.weight * $0.weight) }
          }
        }
        for c in 0..<x.shape[1] {
          let start = (n * x.shape[1] + c) * plane
          let sum = taps.reduce(0.0) { $0 + $1.weight * values[start + $1.offset] }
          y[(n * x.shape[1] + c) * count + p] = sum
        }
      }
    }
    return [Tensor(doubles: y, shape: Array(shape), type: x.type)]
  }

  /// The elements along one axis of `size` positions that make up the normalized coordinate.
  private func axisTaps(_ coordinate: Double, _ size: Int) -> [(index: Int, weight: Double)] {
    let length = Double(size)
    var x =
      alignCorners
      ? (coordinate + 1) / 2 * (length - 1) : ((coordinate + 1) * length - 1) / 2
    if mode == .nearest { x = x.rounded(.toNearestOrEven) }
    let low = alignCorners ? 0 : -0.5
    let high = alignCorners ? length - 1 : length - 0.5
    if x < low || x > high {
      if padding == .border { x = max(0, min(x, length - 1)) }
      if padding == .reflection { x = reflect(x, low, high) }
    }
    guard x.isFinite, x.magnitude < 0x1p52 else { return [] }
    if mode == .nearest { return tap(x, 1, size, low, high).map { [$0] } ?? [] }
    let base = x.rounded(.down)
    let ratio = x - base
    let range = mode == .cubic ? -1...2 : 0...1
    return range.compactMap { i in
      let distance = (Double(i) - ratio).magnitude
      let weight = mode == .cubic ? ResizedAxis.cubic(distance, -0.75) : 1 - distance
      return tap(base + Double(i), weight, size, low, high)
    }
  }

  /// The element at a whole position; nil where padding makes it zero.
  private func tap(
    _ position: Double, _ weight: Double, _ size: Int, _ low: Double, _ high: Double
  ) -> (index: Int, weight: Double)? {
    var place = position
    let limit = Double(size - 1)
    switch padding {
    case .zeros: if place < 0 || place > limit { return nil }
    case .border: place = max(0, min(place, limit))
    case .reflection: place = max(0, min(reflect(place, low, high).rounded(.towardZero), limit))
    }
    return (Int(place), weight)
  }

  /// `x` folded into `low...high` at both ends.
  private func reflect(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let range = high - low
    guard range > 0, x.isFinite else { return low }
    if x >= low, x <= high { return x }
    let distance = x < low ? low - x : x - high
    let turns = (distance / range).rounded(.down)
    let rest = distance - turns * range
    let fromLow = (turns.truncatingRemainder(dividingBy: 2) == 0) == (x < low)
    return fromLow ? low + rest : high - rest
  }
}
