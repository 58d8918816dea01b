import Diagnostics
import Loops
import Ops
import Tensors

/// A resize whose scales, sizes or region are computed at run time: every element works out its own taps, in double
/// precision like the reference.
struct ComputedResize {
  private let op: Resize
  private let input: Placed
  private let target: [IndexExpr]
  /// The axes that scales and sizes speak of.
  private let axes: [Int]
  /// Scale, output length, start and end of the region of every axis, `f64[rank, 4]`.
  private let table: Placed

  init(_ op: Resize, _ context: NodeLowering) throws(Diagnostic) {
    self.op = op
    input = try context.plain(0)
    target = try context.outputShape()
    let rank = input.shape.count
    axes = (op.axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 }
    table = context.temporary(.f64, [IndexExpr(rank), 4])
  }

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    try tabulate(context)
    for (axis, extent) in target.enumerated() {
      try context.define(extent) { builder in
        ([], builder.view(table).load([IndexExpr(axis), 1]).converted(to: .i64))
      }
    }
    let sink = try context.output()
    try context.forEach("computed_resize", target, work: target.reduce(128, *)) {
      builder, position throws(Diagnostic) in
      let sum = builder.registers("sum", .f64)
      var statements: [Statement] = [.registers(sum, initial: .zero(.f64))]
      var isOutside = Expr.integer(0, .bool)
      var windows: [Window?] = []
      for axis in position.indices {
        guard axes.contains(axis) else {
          windows.append(nil)
          continue
        }
        let (prelude, window) = try window(builder, axis, position[axis])
        statements += prelude
        isOutside = .binary(.or, isOutside, window.isOutside)
        windows.append(window)
      }
      statements += try visit(builder, position, windows, [], .float(1, .f64)) { source, weight in
        let value = builder.view(input).load(source).converted(to: .f64).times(weight)
        return [.set(sum, [], Expr.register(sum, []).plus(value))]
      }
      var result = Expr.register(sum, [])
      if op.coordinates == .cropAndResize {
        result = .select(isOutside, .float(op.extrapolationValue, .f64), result)
      }
      let element = input.element
      let final =
        element.isInteger && op.mode != .nearest
        ? Expr.convert(result, element, .saturating) : result.converted(to: element)
      return statements + (try sink.store(final, at: position, builder))
    }
  }

  private func tabulate(_ context: NodeLowering) throws(Diagnostic) {
    let sizes = context.hasInput(3) ? try context.shape(3) : [0]
    let isSized = !sizes.contains(0)
    let given = try context.vector(isSized ? 3 : 2, count: axes.count)
    let isCropped = op.coordinates == .cropAndResize
    let region = isCropped ? try context.vector(1, count: 2 * axes.count) : nil
    try context.forEach("resize_scales", []) { builder, _ throws(Diagnostic) in
      let row = builder.view(table, isWritten: true)
      var statements: [Statement] = []
      for axis in input.shape.indices where !axes.contains(axis) {
        let length = Expr.index(input.shape[axis]).converted(to: .f64)
        for (column, value) in [Expr.float(1, .f64), length, .zero(.f64), .float(1, .f64)]
          .enumerated()
        { statements.append(row.store(value, at: [IndexExpr(axis), IndexExpr(column)])) }
      }
      let numbers = axes.indices.map { builder.view(given).load([IndexExpr($0)]) }
      let lengths = axes.map { Expr.index(input.shape[$0]).converted(to: .f64) }
      let ratios = zip(numbers, lengths).map { $0.converted(to: .f64).divided(by: $1) }
      let common: Expr? =
        isSized && op.policy != .stretch
        ? ratios.dropFirst().reduce(ratios.first ?? .float(1, .f64)) {
          .binary(op.policy == .notLarger ? .min : .max, $0, $1)
        } : nil
      for (number, axis) in axes.enumerated() {
        let own = numbers[number]
        var scale = own.converted(to: .f64)
        // As the standard's shape inference multiplies: in single precision.
        var output = Expr.index(input.shape[axis]).converted(to: .f32)
          .times(own.converted(to: .f32)).apply(.floor).converted(to: .f64)
        if isSized {
          scale = common ?? ratios[number]
          output =
            common.map { $0.times(lengths[number]).plus(0.5).apply(.floor) }
            ?? own.converted(to: .f64)
        }
        func edge(_ column: Int, _ otherwise: Double) -> Expr {
          guard let region else { return .float(otherwise, .f64) }
          return builder.view(region).load([IndexExpr(column * axes.count + number)])
            .converted(to: .f64)
        }
        for (column, value) in [scale, output, edge(0, 0), edge(1, 1)].enumerated() {
          statements.append(row.store(value, at: [IndexExpr(axis), IndexExpr(column)]))
        }
      }
      return statements
    }
  }

  /// The taps of one output position along one axis.
  private struct Window {
    let axis: Int
    let base: Expr
    let ratio: Expr
    let shrink: Expr
    /// The distance of the first tap from the base, and how many there are.
    let first: IndexExpr
    let count: IndexExpr
    let divisor: Expr
    let isOutside: Expr
  }

  private func window(
    _ builder: KernelBuilder, _ axis: Int, _ index: IndexExpr
  ) throws(Diagnostic) -> (statements: [Statement], window: Window) {
    func column(_ number: Int) -> Expr {
      builder.view(table).load([IndexExpr(axis), IndexExpr(number)])
    }
    let names = ["scale", "x", "base", "ratio", "shrink", "divisor"]
    let locals = names.map { builder.local($0, .f64) }
    let values = locals.map { Expr.local($0) }
    let isSame = builder.local("same", .bool)
    let length = Expr.index(input.shape[axis]).converted(to: .f64)
    let own = Expr.index(index).converted(to: .f64)
    let raw = coordinate(own, axis, values[0], length, column(2), column(3))
    let isNear = Expr.compare(.less, raw.apply(.abs), .float(0x1p52, .f64))
    let equal = Expr.binary(
      .and, .compare(.equal, values[0], .float(1, .f64)),
      .compare(.equal, .index(input.shape[axis]), .index(target[axis])))
    let canBeSame = op.coordinates != .cropAndResize
    let isOutside = Expr.binary(
      .or, values[1].isLess(than: 0), .compare(.greater, values[1], length.minus(1)))
    var statements: [Statement] = [
      .let(locals[0], column(0)),
      .let(isSame, canBeSame ? equal : .integer(0, .bool)),
      .let(locals[1], .select(.local(isSame), own, .select(isNear, raw, .zero(.f64)))),
      .let(locals[2], op.mode == .nearest ? rounded(values[1]) : values[1].apply(.floor)),
      .let(locals[3], op.mode == .nearest ? .zero(.f64) : values[1].minus(values[2])),
      .let(locals[4], op.antialias ? values[0].atMost(1).atLeast(0x1p-16) : .float(1, .f64)),
    ]
    let first = builder.computedIndex("first", minimum: -(1 << 18), maximum: 0)
    let count = builder.computedIndex("taps", minimum: 1, maximum: 1 << 19)
    let isSingle: Expr = op.mode == .nearest ? .integer(1, .bool) : .local(isSame)
    let support = Expr.float(op.mode == .cubic ? -2 : -1, .f64).divided(by: values[4])
    let start = support.apply(.floor).plus(1).converted(to: .i64).atMost(0)
      .atLeast(Double(-(1 << 18)))
    statements.append(.bind(first, .select(isSingle, .zero(.i64), start)))
    let width = Expr.integer(2, .i64).minus(Expr.index(IndexExpr(first) * 2))
    statements.append(.bind(count, .select(isSingle, .integer(1, .i64), width)))
    var window = Window(
      axis: axis, base: values[2], ratio: values[3], shrink: values[4], first: IndexExpr(first),
      count: IndexExpr(count), divisor: .float(1, .f64), isOutside: isOutside)
    guard op.mode != .nearest, op.antialias || op.excludeOutside else {
      return (statements, window)
    }
    let total = builder.registers("total", .f64)
    statements.append(.registers(total, initial: .zero(.f64)))
    statements += try builder.loop("tap", window.count) { tap in
      let weight = weight(window, window.first + tap)
      return [.set(total, [], Expr.register(total, []).plus(weight))]
    }
    let isZero = Expr.compare(.equal, .register(total, []), .zero(.f64))
    statements.append(.let(locals[5], .select(isZero, .float(1, .f64), .register(total, []))))
    window = Window(
      axis: axis, base: values[2], ratio: values[3], shrink: values[4], first: IndexExpr(first),
      count: IndexExpr(count), divisor: values[5], isOutside: isOutside)
    return (statements, window)
  }

  /// The share of the tap at a distance from the base, before it is divided by the sum of all.
  private func weight(_ window: Window, _ step: IndexExpr) -> Expr {
    if op.mode == .nearest { return .float(1, .f64) }
    let offset = Expr.index(step).converted(to: .f64)
    let x = offset.minus(window.ratio).times(window.shrink).apply(.abs)
    var weight = Expr.float(1, .f64).minus(x).atLeast(0)
    if op.mode == .cubic {
      let a = op.cubicCoefficient
      let near = x.times(a + 2).minus(a + 3).times(x).times(x).plus(1)
      let far = x.times(a).minus(5 * a).times(x).plus(8 * a).times(x).minus(4 * a)
      weight = .select(
        .compare(.lessOrEqual, x, .float(1, .f64)), near,
        .select(x.isLess(than: 2), far, .zero(.f64)))
    }
    guard op.excludeOutside else { return weight }
    let place = window.base.plus(offset)
    let last = Expr.index(input.shape[window.axis] - 1).converted(to: .f64)
    let isOut = Expr.binary(
      .or, place.isLess(than: 0), .compare(.greater, place, last))
    return .select(isOut, .zero(.f64), weight)
  }

  /// Loops over all combinations of taps, one axis inside the other.
  private func visit(
    _ builder: KernelBuilder, _ position: [IndexExpr], _ windows: [Window?],
    _ source: [IndexExpr], _ weight: Expr, _ body: ([IndexExpr], Expr) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let axis = source.count
    if axis == windows.count { return body(source, weight) }
    let last = Expr.index(input.shape[axis]).minus(1)
    let place = builder.computedIndex(
      "at", minimum: 0, maximum: input.shape[axis].upperBound.map { Swift.max(0, $0 - 1) })
    guard let window = windows[axis] else {
      let inside = Expr.binary(.min, .index(position[axis]), last).atLeast(0)
      return [.bind(place, inside)]
        + (try visit(builder, position, windows, source + [IndexExpr(place)], weight, body))
    }
    return try builder.loop("tap", window.count) { tap throws(Diagnostic) in
      let share = builder.local("share", .f64)
      let step = window.first + tap
      let whole = window.base.plus(Expr.index(step).converted(to: .f64)).converted(to: .i64)
      let own = self.weight(window, step).divided(by: window.divisor).times(weight)
      return [.let(share, own), .bind(place, Expr.binary(.min, whole, last).atLeast(0))]
        + (try visit(
          builder, position, windows, source + [IndexExpr(place)], .local(share), body))
    }
  }

  /// The input coordinate of an output position; see `ResizedAxis.coordinate`.
  private func coordinate(
    _ x: Expr, _ axis: Int, _ scale: Expr, _ length: Expr, _ start: Expr, _ end: Expr
  ) -> Expr {
    let resized = scale.times(length)
    let isOne = Expr.compare(.equal, resized, .float(1, .f64))
    let half = x.plus(0.5).divided(by: scale).minus(0.5)
    switch op.coordinates {
    case .halfPixel: return half
    case .halfPixelSymmetric:
      let output = Expr.index(target[axis]).converted(to: .f64)
      let share = Expr.float(1, .f64).minus(output.divided(by: resized))
      return length.times(0.5).times(share).plus(half)
    case .pytorchHalfPixel: return .select(isOne, .zero(.f64), half)
    case .alignCorners:
      let step = x.times(length.minus(1)).divided(by: resized.minus(1))
      return .select(isOne, .zero(.f64), step)
    case .asymmetric: return x.divided(by: scale)
    case .tensorflowHalfPixel: return x.plus(0.5).divided(by: scale)
    case .cropAndResize:
      let extent = end.minus(start).times(length.minus(1))
      let step = Expr.select(
        isOne, extent.times(0.5), x.times(extent).divided(by: resized.minus(1)))
      return start.times(length.minus(1)).plus(step)
    }
  }

  private func rounded(_ x: Expr) -> Expr {
    switch op.nearestMode {
    case .floor: x.apply(.floor)
    case .ceil: x.apply(.ceil)
    case .roundPreferFloor: x.minus(0.5).apply(.ceil)
    case .roundPreferCeil: x.plus(0.5).apply(.floor)
    }
  }
}
