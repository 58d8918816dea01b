import Tensors

extension Resize {
  /// Every output element is one input element, or the extrapolation value.
  func pickNearest(_ x: Tensor, _ plan: [ResizedAxis]) -> Tensor {
    let maps = plan.map { axis in
      (0..<axis.output).map {
        axis.isExtrapolated($0, coordinates) ? -1 : axis.nearest($0, coordinates, nearestMode)
      }
    }
    let shape = plan.map(\.output)
    var result = ElementMover(type: x.type, shape: shape)
    if coordinates == .cropAndResize, x.type != .string, !x.type.isComplex {
      result.fill(with: Tensor(doubles: [extrapolationValue], shape: [], type: x.type))
    }
    result.pick(from: x, Offsets.mapped(maps, strides: x.shape.rowMajorStrides))
    return result.finish()
  }

  /// Sums of shares, one axis after the other; interpolation is separable.
  func interpolate(_ x: Tensor, _ plan: [ResizedAxis]) -> [Double] {
    var values = x.doubles
    var shape = x.shape
    for (index, axis) in plan.enumerated() where !isIdentity(axis) {
      let split = AxisSplit(shape, axis: index)
      let taps = (0..<axis.output).map { o in
        axis.isExtrapolated(o, coordinates)
          ? nil
          : axis.taps(
            o, coordinates, cubic: mode == .cubic ? cubicCoefficient : nil, antialias: antialias,
            excludeOutside: excludeOutside)
      }
      let inner = split.inner
      var next = Array(repeating: 0.0, count: split.outer * axis.output * inner)
      for outer in 0..<split.outer {
        for o in 0..<axis.output {
          let to = (outer * axis.output + o) * inner
          guard let shares = taps[o] else {
            for i in 0..<inner { next[to + i] = extrapolationValue }
            continue
          }
          for tap in shares where tap.weight != 0 {
            let from = (outer * split.length + tap.index) * inner
            for i in 0..<inner { next[to + i] += tap.weight * values[from + i] }
          }
        }
      }
      values = next
      shape[index] = axis.output
    }
    return values
  }

  /// Whether an axis keeps every element where it is.
  private func isIdentity(_ axis: ResizedAxis) -> Bool {
    axis.input == axis.output && axis.scale == 1 && axis.region == (0, 1)
  }
}

extension Tensor {
  /// Integers from doubles, rounded half to even and clamped to what the type holds; for integer types.
  init(saturating values: [Double], shape: [Int], type: ElementType) {
    let width = type == .bool ? 1 : type.bitWidth
    let isSigned = type.isSignedInteger
    let low = isSigned ? -Double(sign: .plus, exponent: width - 1, significand: 1) : 0
    let limit = Double(sign: .plus, exponent: isSigned ? width - 1 : width, significand: 1)
    let high = min(limit - 1, limit.nextDown)
    let rounded = values.map { max(low, min(high, $0.rounded(.toNearestOrEven))) }
    self.init(doubles: rounded, shape: shape, type: type)
  }
}
