import Diagnostics
import Loops
import Tensors

/// Brings every row of a tensor to mean 0 and variance 1, then scales and shifts it.
///
/// Two passes over the row for the statistics (the mean, then the squared distances from it: no cancellation), one for
/// the result. Layer, instance, group and root-mean-square normalization are rows of different lengths.
struct RowNormalization {
  let input: Placed
  /// Elements of a row: all of the last axes.
  let count: IndexExpr
  let epsilon: Double
  /// Whether the mean is subtracted; root-mean-square normalization does not.
  let isCentered: Bool
  let sink: Sink
  /// The factor and the addend for a row and an index in it.
  let scale: ((KernelBuilder, _ row: IndexExpr, _ index: IndexExpr, _ isInside: Expr?) -> Expr)?
  let shift: ((KernelBuilder, _ row: IndexExpr, _ index: IndexExpr, _ isInside: Expr?) -> Expr)?
  /// Where the mean and the reciprocal deviation of every row go, if anywhere.
  var mean: Placed?
  var inverseDeviation: Placed?

  /// Elements of a row up to which single precision sums them.
  private static let longestSingle = 4096

  func lower(_ context: NodeLowering) throws(Diagnostic) {
    let builder = context.builder()
    let shape = input.shape
    let rows = shape.reduce(1, *).floorDiv(count)
    let x = builder.view(input.layout.isPlain ? input.reshaped(to: [rows, count]) : input)
    let lanes = context.target.lanes(.f32)
    // Rows of whole images are summed in double precision: single precision would lose digits that networks amplify.
    let isLong = (count.value ?? .max) > Self.longestSingle
    let state: ElementType = input.element == .f64 || isLong ? .f64 : .f32
    let sweep = LaneSweep(count: count, lanes: lanes)
    let size = Expr.convert(.index(count), state, .plain)

    let body = try builder.loop("i", rows, .parallel) { row throws(Diagnostic) in
      try builder.loop("lane", IndexExpr(lanes), .vector(lanes: lanes)) {
        lane throws(Diagnostic) in
        func load(_ index: IndexExpr, _ isInside: Expr?) -> Expr {
          let place =
            input.layout.isPlain ? [row, index] : delinearize(row * count + index, shape)
          guard let isInside else { return .convert(x.load(place), state, .plain) }
          let value = x.load(place, when: isInside, otherwise: .zero(x.element))
          return .convert(value, state, .plain)
        }
        let sum = builder.registers("sum", state)
        let squares = builder.registers("squares", state)
        let (center, factor) = (builder.local("mean", state), builder.local("factor", state))
        var body: [Statement] = [
          .registers(sum, initial: .zero(state)), .registers(squares, initial: .zero(state)),
        ]
        if isCentered {
          body += try sweep(builder, lane) { index, isInside in
            [.set(sum, [], Expr.register(sum, []).plus(load(index, isInside)))]
          }
        }
        body.append(
          .let(
            center,
            isCentered
              ? Expr.reduceLanes(.add, .register(sum, [])).divided(by: size) : .zero(state)))
        body += try sweep(builder, lane) { index, isInside in
          let distance = builder.local("d", state)
          let square = Expr.fma(.local(distance), .local(distance), .register(squares, []))
          return [
            .let(distance, load(index, isInside).minus(.local(center))),
            .set(
              squares, [],
              isInside.map { .select($0, square, .register(squares, [])) } ?? square),
          ]
        }
        let variance = Expr.reduceLanes(.add, .register(squares, [])).divided(by: size)
        body.append(
          .let(factor, .constant(1, state).divided(by: variance.plus(epsilon).apply(.sqrt))))
        body += statistics(builder, row, .local(center), .local(factor))
        body += try sweep(builder, lane) { index, isInside throws(Diagnostic) in
          var value = load(index, isInside).minus(.local(center)).times(.local(factor))
          if let scale {
            value = value.times(.convert(scale(builder, row, index, isInside), state, .plain))
          }
          if let shift {
            value = value.plus(.convert(shift(builder, row, index, isInside), state, .plain))
          }
          let position = delinearize(row * count + index, shape)
          let stores = try sink.store(.convert(value, x.element, .plain), at: position, builder)
          return stores.map { guarded($0, by: isInside) }
        }
        return body
      }
    }
    context.launch("normalize", builder, body, work: shape.reduce(8, *))
  }

  private func statistics(
    _ builder: KernelBuilder, _ row: IndexExpr, _ center: Expr, _ factor: Expr
  ) -> [Statement] {
    [(mean, center), (inverseDeviation, factor)].compactMap { place, value in
      guard let place else { return nil }
      let rows = place.shape.reduce(1, *)
      let view = builder.view(place.reshaped(to: [rows]), isWritten: true)
      return view.store(.convert(value, place.element, .plain), at: [row])
    }
  }
}
