import Diagnostics
import Loops
import Tensors

/// Chosen boxes, kept by where their left sides lie: in cells at least as wide as the widest box.
///
/// A box overlaps only such whose left sides are before its right side, and not farther before its left side than the
/// widest box is wide: those of three cells. Models that separate classes by shifting their boxes have many cells, one
/// class alone has few.
struct BoxCells {
  private static let mostCells = 256
  /// How much wider than the widest box the search reaches, against rounding.
  private static let margin = 1 + 0x1p-20

  /// `left, right, top, bottom` of chosen boxes, `[row, side, box]`, cell by cell.
  let sides: Placed
  private let firsts: Buffer
  private let counts: Buffer
  private let cellCount: Registers
  private let origin: Registers
  private let scale: Registers
  private let reach: Registers

  init(_ builder: KernelBuilder, _ sides: Placed) {
    self.sides = sides
    firsts = builder.scratch(.i32, [Self.mostCells])
    counts = builder.scratch(.i32, [Self.mostCells])
    cellCount = builder.registers("cells", .i64)
    origin = builder.registers("origin", .f64)
    scale = builder.registers("scale", .f64)
    reach = builder.registers("reach", .f64)
  }

  /// Makes room for boxes, none of which is chosen yet.
  ///
  /// - Parameter boxes: a loop over all of them.
  func prepare(
    _ builder: KernelBuilder,
    _ boxes: ((Box) throws(Diagnostic) -> [Statement]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    let (first, last) = (builder.registers("first", .f32), builder.registers("last", .f32))
    let widest = builder.registers("widest", .f32)
    let survey = try boxes { box in
      [
        .set(first, [], .binary(.min, .register(first, []), box.left)),
        .set(last, [], .binary(.max, .register(last, []), box.right)),
        .set(widest, [], .binary(.max, .register(widest, []), box.right.minus(box.left))),
      ]
    }
    let wide = { (registers: Registers) in Expr.register(registers, []).converted(to: .f64) }
    // What is not a number makes one cell.
    let quotient = wide(last).minus(.register(origin, [])).divided(by: wide(widest))
    let most = Expr.convert(quotient.apply(.floor), .i64, .saturating)
    let settle: [Statement] = [
      .registers(origin, initial: wide(first)),
      .registers(cellCount, initial: most.atLeast(1).atMost(Double(Self.mostCells))),
      .registers(
        scale,
        initial: Expr.register(cellCount, []).converted(to: .f64)
          .divided(by: wide(last).minus(.register(origin, [])))),
      .registers(reach, initial: wide(widest).times(Self.margin)),
    ]
    let tally = try boxes { box in
      let cell = self.cell(builder, box.left.converted(to: .f64))
      return cell.statements + [DigitSort.increment(counts, cell.index)]
    }
    let next = builder.registers("next", .i32)
    let sums = try builder.loop("c", IndexExpr(Self.mostCells)) { cell in
      [
        .store(firsts, [cell], .register(next, [])),
        .set(next, [], Expr.register(next, []).plus(.load(counts, [cell]))),
        .store(counts, [cell], .zero(.i32)),
      ]
    }
    return [
      .registers(first, initial: .float(.infinity, .f32)),
      .registers(last, initial: .float(-.infinity, .f32)),
      .registers(widest, initial: .zero(.f32)),
    ] + survey + settle + (try DigitSort.clear(builder, counts)) + tally
      + [.registers(next, initial: .zero(.i32))] + sums
  }

  /// The cell of a left side.
  private func cell(
    _ builder: KernelBuilder, _ left: Expr
  ) -> (statements: [Statement], index: IndexExpr) {
    let symbol = builder.computedIndex("cell", minimum: 0, maximum: Self.mostCells - 1)
    let place = left.minus(.register(origin, [])).times(.register(scale, []))
    let number = Expr.convert(place.apply(.floor), .i64, .saturating).atLeast(0)
    let last = Expr.register(cellCount, []).minus(1)
    return ([.bind(symbol, .binary(.min, number, last))], IndexExpr(symbol))
  }

  /// Sets `isHidden` where a chosen box overlaps another too much.
  func search(
    _ builder: KernelBuilder, _ row: IndexExpr, _ box: Box, moreThan threshold: Expr,
    _ isHidden: Registers
  ) throws(Diagnostic) -> [Statement] {
    let left = box.left.converted(to: .f64).minus(.register(reach, []))
    let from = cell(builder, left)
    let to = cell(builder, box.right.converted(to: .f64))
    let variable = builder.index("c", IndexExpr(Self.mostCells))
    let cell = IndexExpr(variable)
    let start = builder.computedIndex("start", minimum: 0, maximum: nil)
    let length = builder.computedIndex("length", minimum: 0, maximum: nil)
    let lanes = builder.target.lanes(.f32)
    let compare = try builder.loop("i", IndexExpr(lanes), .vector(lanes: lanes)) {
      lane throws(Diagnostic) in
      let covers = builder.registers("covers", .bool)
      let sweep = LaneSweep(count: IndexExpr(length), lanes: lanes)
      let loop = try sweep(builder, lane) { index, isInside in
        func side(_ number: Int) -> Expr {
          let place = [row, IndexExpr(number), IndexExpr(start) + index]
          let view = builder.view(sides)
          // A box of no numbers overlaps nothing.
          return isInside.map { view.load(place, when: $0, otherwise: .float(.nan, .f32)) }
            ?? view.load(place)
        }
        let names = ["left", "right", "top", "bottom"].map { builder.local($0, .f32) }
        let rival = Box(
          left: .local(names[0]), right: .local(names[1]), top: .local(names[2]),
          bottom: .local(names[3]))
        let found = rival.overlaps(box, moreThan: threshold)
        return names.enumerated().map { .let($1, side($0)) } + [
          .set(covers, [], .binary(.or, .register(covers, []), found))
        ]
      }
      let any = Expr.reduceLanes(.or, .register(covers, []))
      return [.registers(covers, initial: .zero(.bool))] + loop + [.set(isHidden, [], any)]
    }
    return from.statements + to.statements + [
      .loop(
        Loop(
          variable, from: from.index, to: to.index + 1,
          body: [
            .if(
              .unary(.not, .register(isHidden, [])),
              then: [
                .bind(start, .load(firsts, [cell])), .bind(length, .load(counts, [cell])),
              ] + compare, else: [])
          ]))
    ]
  }

  /// Adds a chosen box.
  func add(_ builder: KernelBuilder, _ row: IndexExpr, _ box: Box) -> [Statement] {
    let cell = self.cell(builder, box.left.converted(to: .f64))
    let place = builder.computedIndex("place", minimum: 0, maximum: nil)
    let at = Expr.load(firsts, [cell.index]).plus(.load(counts, [cell.index]))
    let stores = [box.left, box.right, box.top, box.bottom].enumerated().map { number, side in
      builder.view(sides, isWritten: true).store(
        side, at: [row, IndexExpr(number), IndexExpr(place)])
    }
    return cell.statements + [.bind(place, at)] + stores
      + [DigitSort.increment(counts, cell.index)]
  }
}
