import Diagnostics
import Loops
import Tensors

/// The boxes of one class by falling score, those left out that overlap a chosen one too much.
struct BoxSearch {
  private let boxes: Boxes
  private let scores: Placed
  private let limit: Placed?
  private let overlap: Placed?
  private let floor: Placed?
  private let chosen: Placed
  private let counts: Placed
  private let key = OrderKey(element: .f32, isDescending: true)
  private let order: DigitSort
  /// The sides of chosen boxes.
  private let sides: Placed

  init(
    _ context: NodeLowering, boxes: Boxes, scores: Placed, limit: Placed?, overlap: Placed?,
    floor: Placed?, chosen: Placed, counts: Placed
  ) {
    self.boxes = boxes
    self.scores = scores
    self.limit = limit
    self.overlap = overlap
    self.floor = floor
    self.chosen = chosen
    self.counts = counts
    let (rows, count) = (chosen.shape[0], chosen.shape[1])
    order = DigitSort(context, key, [rows, count])
    sides = context.temporary(.f32, [rows, 4, count])
  }

  private func scalar(_ builder: KernelBuilder, _ placed: Placed?) -> Expr? {
    placed.map { builder.view($0).load($0.shape.map { _ in 0 }) }
  }

  func statements(
    _ builder: KernelBuilder, _ image: IndexExpr, _ label: IndexExpr, _ classes: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let row = image * classes + label
    let count = scores.shape[2]
    let length = builder.computedIndex("candidates", minimum: 0, maximum: count.upperBound)
    let cells = BoxCells(builder, sides)
    let room = try cells.prepare(builder) { body throws(Diagnostic) in
      try builder.loop("r", IndexExpr(length)) { rank throws(Diagnostic) in
        let (statements, _, box) = candidate(builder, image, row, rank)
        return try statements + body(box)
      }
    }
    return try candidates(builder, image, label, row, length)
      + order.sort(builder, [row], IndexExpr(length)) + room
      + choose(builder, image, row, IndexExpr(length), cells)
  }

  /// The scores that count, in the order of the boxes.
  private func candidates(
    _ builder: KernelBuilder, _ image: IndexExpr, _ label: IndexExpr, _ row: IndexExpr,
    _ length: Symbol
  ) throws(Diagnostic) -> [Statement] {
    let found = builder.registers("found", .i64)
    let least = scalar(builder, floor)
    let loop = try builder.loop("k", scores.shape[2]) { index in
      let score = builder.local("score", .f32)
      let value = Expr.local(score)
      let isNumber = Expr.compare(.equal, value, value)
      let place = builder.computedIndex("place", minimum: 0, maximum: nil)
      let at = [row, IndexExpr(place)]
      return [
        .let(score, builder.view(scores).load([image, label, index])),
        .if(
          least.map { .compare(.greater, value, $0) } ?? isNumber,
          then: [
            .bind(place, .register(found, [])),
            builder.view(order.keys[0], isWritten: true).store(key(value), at: at),
            builder.view(order.places[0], isWritten: true).store(
              Expr.index(index).converted(to: .i32), at: at),
            .set(found, [], Expr.register(found, []).plus(1)),
          ], else: []),
      ]
    }
    return [.registers(found, initial: .zero(.i64))] + loop + [.bind(length, .register(found, []))]
  }

  /// The candidate of a rank: its number and its box.
  private func candidate(
    _ builder: KernelBuilder, _ image: IndexExpr, _ row: IndexExpr, _ rank: IndexExpr
  ) -> (statements: [Statement], index: IndexExpr, box: Box) {
    let maximum = scores.shape[2].upperBound.map { Swift.max(0, $0 - 1) }
    let index = builder.computedIndex("candidate", minimum: 0, maximum: maximum)
    let (load, box) = boxes.load(builder, image, IndexExpr(index))
    let bind = Statement.bind(index, builder.view(order.places[0]).load([row, rank]))
    return ([bind] + load, IndexExpr(index), box)
  }

  private func choose(
    _ builder: KernelBuilder, _ image: IndexExpr, _ row: IndexExpr, _ length: IndexExpr,
    _ cells: BoxCells
  ) throws(Diagnostic) -> [Statement] {
    let (found, isHidden) = (builder.registers("found", .i64), builder.registers("hidden", .bool))
    let most = scalar(builder, limit)?.converted(to: .i64) ?? .zero(.i64)
    let threshold = scalar(builder, overlap) ?? .zero(.f32)
    let maximum = scores.shape[2].upperBound.map { Swift.max(0, $0 - 1) }
    let place = builder.computedIndex("place", minimum: 0, maximum: maximum)
    let rounds = try builder.loop("r", length) { rank throws(Diagnostic) in
      let (load, index, box) = candidate(builder, image, row, rank)
      let accept: [Statement] =
        [
          .bind(place, .register(found, [])),
          builder.view(chosen, isWritten: true).store(.index(index), at: [row, IndexExpr(place)]),
          .set(found, [], Expr.register(found, []).plus(1)),
        ] + cells.add(builder, row, box)
      let consider =
        try load + [.registers(isHidden, initial: .zero(.bool))]
        + cells.search(builder, row, box, moreThan: threshold, isHidden)
        + [.if(.register(isHidden, []), then: [], else: accept)]
      return [.if(.compare(.less, .register(found, []), most), then: consider, else: [])]
    }
    return [.registers(found, initial: .zero(.i64))] + rounds + [
      builder.view(counts, isWritten: true).store(.register(found, []), at: [row])
    ]
  }
}
