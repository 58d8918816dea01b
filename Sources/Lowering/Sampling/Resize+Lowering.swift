package import Diagnostics
import IR
import Loops
package import Ops
import Tensors

extension Resize: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let shape = try context.shape(0)
    let element = try context.element(0)
    let sizes = shape.compactMap(\.value)
    guard sizes.count == shape.count else {
      return isIndexed(context)
        ? try lowerSymbolic(context, shape) : try ComputedResize(self, context).lower(context)
    }
    if sizes.contains(0) {
      _ = try context.output()
      return
    }
    guard isPlanned(context) else { return try ComputedResize(self, context).lower(context) }
    let plan = try plan(sizes, context)
    // Blocks hold channels, so they survive where channels stay as they are.
    let isBlocked = context.isBlocked(0) && sizes[1] == plan[1].output
    let block = isBlocked ? context.session.block : nil
    let input = try context.input(0, block: block)
    let sink = try context.output(block: block)
    let state: ElementType = element == .f64 ? .f64 : .f32
    let tables = plan.map { axis in
      axis.input == axis.output && axis.scale == 1 && coordinates != .cropAndResize
        ? nil : ResizeTable(axis, self, state)
    }
    let places = tables.map { table in
      table.map { (index: context.packed($0.indices), weight: context.packed($0.weights)) }
    }
    let builder = context.builder()
    let x = builder.view(input)
    let isNearest = mode == .nearest
    let outside = Expr.constant(extrapolationValue, state)
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      var statements: [Statement] = []
      // For each axis the taps as an input index and a share.
      var taps: [[(index: IndexExpr, weight: Expr?)]] = []
      var isOutside: Expr?
      for (axis, place) in places.enumerated() {
        guard let place, let table = tables[axis] else {
          taps.append([(position[axis], nil)])
          continue
        }
        let at = position[axis]
        var list: [(index: IndexExpr, weight: Expr?)] = []
        for tap in 0..<table.width {
          let symbol = builder.computedIndex("at", minimum: 0, maximum: sizes[axis] - 1)
          let load = builder.view(place.index).load([at, IndexExpr(tap)])
          statements.append(.bind(symbol, load.converted(to: .i64)))
          let weight = builder.view(place.weight).load([at, IndexExpr(tap)])
          list.append((IndexExpr(symbol), isNearest ? nil : weight))
        }
        if coordinates == .cropAndResize {
          // A share of NaN marks a position outside the crop.
          let mark = builder.view(place.weight).load([at, 0]).apply(.isNaN)
          isOutside = isOutside.map { .binary(.or, $0, mark) } ?? mark
        }
        taps.append(list)
      }
      var value =
        isNearest
        ? x.load(taps.map { $0[0].index })
        : interpolate(x, taps, state)
      if let isOutside {
        value = .select(isOutside, outside.converted(to: value.type), value)
      }
      let result =
        element.isInteger && !isNearest
        ? Expr.convert(value, element, .saturating) : value.converted(to: element)
      return statements + (try sink.store(result, at: position, builder))
    }
    let taps = tables.map { $0?.width ?? 1 }.reduce(2, *)
    context.launch("resize", builder, body, work: sink.shape.reduce(IndexExpr(taps), *))
  }

  /// Whether scales or sizes, and the region where there is one, are known at compile time.
  private func isPlanned(_ context: NodeLowering) -> Bool {
    if coordinates == .cropAndResize, context.hasInput(1), context.constant(1) == nil {
      return false
    }
    if context.hasInput(3) { return context.inference.integers(3) != nil }
    return context.constant(2) != nil
  }

  private func plan(
    _ sizes: [Int], _ context: NodeLowering
  ) throws(Diagnostic) -> [ResizedAxis] {
    let isSized = context.hasInput(3)
    return try plan(
      sizes, region: context.constant(1)?.doubles,
      scales: isSized ? nil : context.constant(2)?.doubles,
      sizes: isSized ? context.inference.integers(3) : nil)
  }

  /// The weighted sum over all combinations of taps, one axis inside the other.
  private func interpolate(
    _ x: View, _ taps: [[(index: IndexExpr, weight: Expr?)]], _ state: ElementType
  ) -> Expr {
    func sum(_ axis: Int, _ position: [IndexExpr]) -> Expr {
      if axis == taps.count { return x.load(position).converted(to: state) }
      var total: Expr?
      for tap in taps[axis] {
        let inner = sum(axis + 1, position + [tap.index])
        guard let weight = tap.weight else { return inner }
        total = total.map { .fma(weight, inner, $0) } ?? weight.times(inner)
      }
      return total ?? .zero(state)
    }
    return sum(0, [])
  }

  /// Whether an element is one other element, whose index follows from sizes alone.
  private func isIndexed(_ context: NodeLowering) -> Bool {
    switch coordinates {
    case .asymmetric, .halfPixel, .tensorflowHalfPixel, .alignCorners: break
    case .pytorchHalfPixel, .halfPixelSymmetric, .cropAndResize: return false
    }
    let isKnown =
      context.hasInput(3) ? context.inference.contents(3) != nil : context.constant(2) != nil
    return mode == .nearest && axes == nil && isKnown
  }

  /// Nearest neighbours of an input whose size is known at run time: the index is computed, not looked up.
  private func lowerSymbolic(
    _ context: NodeLowering, _ shape: [IndexExpr]
  ) throws(Diagnostic) {
    let target = try context.outputShape()
    let scales = context.hasInput(3) ? nil : context.constant(2)?.doubles
    if let scales {
      // As the standard's shape inference multiplies: in single precision.
      for axis in shape.indices {
        try context.define(target[axis]) { _ in
          let length = Expr.index(shape[axis]).converted(to: .f32)
          return ([], length.times(scales[axis]).apply(.floor).converted(to: .i64))
        }
      }
    }
    let isBlocked = context.isBlocked(0) && shape[1] == target[1]
    let block = isBlocked ? context.session.block : nil
    let input = try context.input(0, block: block)
    let sink = try context.output(block: block)
    let builder = context.builder()
    let x = builder.view(input)
    let body = try Nest.over(sink.placed, builder) { position throws(Diagnostic) in
      var statements: [Statement] = []
      var source: [IndexExpr] = []
      for axis in shape.indices {
        if shape[axis] == target[axis] {
          source.append(position[axis])
          continue
        }
        let symbol = builder.computedIndex("at", minimum: 0, maximum: nil)
        let coordinate = try coordinate(
          position[axis], from: shape[axis], to: target[axis], scale: scales?[axis])
        let last = Expr.index(shape[axis] - 1)
        let index = rounded(coordinate).converted(to: .i64)
        statements.append(
          .bind(symbol, .binary(.max, .binary(.min, index, last), .zero(.i64))))
        source.append(IndexExpr(symbol))
      }
      return statements + (try sink.store(x.load(source), at: position, builder))
    }
    context.launch("resize", builder, body, work: sink.shape.reduce(4, *))
  }

  /// The input coordinate of an output position, in double precision.
  private func coordinate(
    _ index: IndexExpr, from input: IndexExpr, to output: IndexExpr, scale: Double?
  ) throws(Diagnostic) -> Expr {
    let x = Expr.index(index).converted(to: .f64)
    let length = Expr.index(input).converted(to: .f64)
    let resized = Expr.index(output).converted(to: .f64)
    let ratio = scale.map { Expr.float($0, .f64) } ?? resized.divided(by: length)
    switch coordinates {
    case .asymmetric: return x.divided(by: ratio)
    case .halfPixel: return x.plus(0.5).divided(by: ratio).minus(0.5)
    case .tensorflowHalfPixel: return x.plus(0.5).divided(by: ratio)
    case .alignCorners:
      let step = length.minus(1).divided(by: resized.minus(1).atLeast(1))
      return x.times(step)
    case .pytorchHalfPixel, .halfPixelSymmetric, .cropAndResize:
      throw .internal(
        "lowering.resize", "coordinates '\(coordinates.rawValue)' are not computed from sizes alone"
      )
    }
  }

  private func rounded(_ x: Expr) -> Expr {
    switch nearestMode {
    case .floor: x.apply(.floor)
    case .ceil: x.apply(.ceil)
    case .roundPreferFloor: x.minus(0.5).apply(.ceil)
    case .roundPreferCeil: x.plus(0.5).apply(.floor)
    }
  }
}

/// Where the outputs along one axis of a resized tensor come from: input indices and their shares.
private struct ResizeTable {
  let width: Int
  let indices: Tensor
  let weights: Tensor

  /// - Parameter type: of the weights: what is added up in.
  init(_ axis: ResizedAxis, _ op: Resize, _ type: ElementType) {
    let rows = (0..<axis.output).map { output -> [ResizedAxis.Tap] in
      if op.mode == .nearest {
        let index = axis.nearest(output, op.coordinates, op.nearestMode)
        return [ResizedAxis.Tap(index: index, weight: 1)]
      }
      return axis.taps(
        output, op.coordinates, cubic: op.mode == .cubic ? op.cubicCoefficient : nil,
        antialias: op.antialias, excludeOutside: op.excludeOutside)
    }
    width = rows.map(\.count).max() ?? 1
    var indices: [Int32] = []
    var weights: [Double] = []
    for (output, row) in rows.enumerated() {
      let isOutside = axis.isExtrapolated(output, op.coordinates)
      for tap in 0..<width {
        indices.append(tap < row.count ? Int32(row[tap].index) : 0)
        let share = tap < row.count ? row[tap].weight : 0
        weights.append(isOutside ? .nan : share)
      }
    }
    self.indices = Tensor(indices, shape: [axis.output, width])
    self.weights = Tensor(doubles: weights, shape: [axis.output, width], type: type)
  }
}
