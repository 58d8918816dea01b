package import Diagnostics
import IR
import Tensors

extension Resize {
  /// The axes that `scales` and `sizes` speak of, counted from the front.
  private func resizedAxes(rank: Int) throws(Diagnostic) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    return try Axes.list(axes, rank: rank)
  }

  private func check(_ name: String, _ count: Int, _ expected: Int) throws(Diagnostic) {
    guard count == expected else {
      throw Diagnostic("shape.resize", "\(name) has \(count) elements, expected \(expected)")
    }
  }

  /// The output's shape, numbers where scales and sizes are known.
  func outputShape(
    _ x: [IndexExpr], _ context: InferenceContext
  ) throws(Diagnostic) -> [IndexExpr] {
    let axes = try resizedAxes(rank: x.count)
    var shape = x
    for axis in axes { shape[axis] = context.freshDimension(axis: axis) }
    if let sizes = context.contents(3), !sizes.isEmpty {
      try check("sizes", sizes.count, axes.count)
      let fixed = x.values
      if policy != .stretch {
        guard let fixed, let values = sizes.values else { return shape }
        let plan = try plan(fixed, region: nil, scales: nil, sizes: values)
        return plan.map { IndexExpr($0.output) }
      }
      for (axis, size) in zip(axes, sizes) where size.isDimension { shape[axis] = size }
      for size in sizes {
        if let value = size.value, value < 0 {
          throw Diagnostic("shape.resize", "sizes has \(value), expected 0 or more")
        }
      }
      return shape
    }
    guard let scales = context.constant(2)?.doubles, !scales.isEmpty else { return shape }
    try check("scales", scales.count, axes.count)
    for (axis, scale) in zip(axes, scales) {
      if let dimension = try scaled(x[axis], scale) { shape[axis] = dimension }
    }
    return shape
  }

  /// `floor(dimension * scale)`; nil when that is no expression.
  private func scaled(_ dimension: IndexExpr, _ scale: Double) throws(Diagnostic) -> IndexExpr? {
    if let value = dimension.value { return IndexExpr(try scaled(value, scale)) }
    guard scale > 0 else { return nil }
    // A scale with few fractional bits is an exact quotient.
    guard let factor = Int(exactly: scale * 256), factor < 1 << 24 else { return nil }
    let shared = 1 << min(factor.trailingZeroBitCount, 8)
    return (dimension * IndexExpr(factor / shared)).floorDiv(IndexExpr(256 / shared))
  }

  /// `floor(dimension * scale)` in f32, as the standard's shape inference multiplies.
  private func scaled(_ dimension: Int, _ scale: Double) throws(Diagnostic) -> Int {
    let product = (Float(dimension) * Float(scale)).rounded(.down)
    guard scale > 0, let size = Int(exactly: product), size <= 1 << 40 else {
      throw Diagnostic("shape.resize", "scale is \(scale) for dimension \(dimension)")
    }
    return size
  }

  /// How every axis of an input of shape `x` is resized.
  ///
  /// - Throws: `attribute.axis`, `shape.resize` when neither or both of scales and sizes are given, one has a wrong
  ///   number of elements, a scale is not positive or a size is negative.
  package func plan(
    _ x: [Int], region: [Double]?, scales: [Double]?, sizes: [Int]?
  ) throws(Diagnostic) -> [ResizedAxis] {
    let axes = try resizedAxes(rank: x.count)
    var outputs = x
    var factors = Array(repeating: 1.0, count: x.count)
    if let sizes, !sizes.isEmpty {
      try check("sizes", sizes.count, axes.count)
      let ratios = zip(axes, sizes).map { Double($1) / Double(x[$0]) }
      let common: Double? =
        switch policy {
        case .stretch: nil
        case .notLarger: ratios.min()
        case .notSmaller: ratios.max()
        }
      for (index, axis) in axes.enumerated() {
        factors[axis] = common ?? ratios[index]
        let rounded = common.map { ($0 * Double(x[axis]) + 0.5).rounded(.down) }
        outputs[axis] = rounded.flatMap { Int(exactly: $0) } ?? sizes[index]
      }
    } else if let scales, !scales.isEmpty {
      try check("scales", scales.count, axes.count)
      for (axis, scale) in zip(axes, scales) {
        factors[axis] = scale
        outputs[axis] = try scaled(x[axis], scale)
      }
    } else {
      throw Diagnostic("shape.resize", "neither scales nor sizes are given")
    }
    outputs = try TensorRoom.checked(outputs)
    let regions = try regions(region, axes, rank: x.count)
    return x.indices.map {
      ResizedAxis(input: x[$0], output: outputs[$0], scale: factors[$0], region: regions[$0])
    }
  }

  private func regions(
    _ region: [Double]?, _ axes: [Int], rank: Int
  ) throws(Diagnostic) -> [(start: Double, end: Double)] {
    var regions = Array(repeating: (start: 0.0, end: 1.0), count: rank)
    guard coordinates == .cropAndResize else { return regions }
    try check("roi", region?.count ?? 0, 2 * axes.count)
    guard let region else { return regions }
    for (index, axis) in axes.enumerated() {
      regions[axis] = (region[index], region[axes.count + index])
    }
    return regions
  }
}
