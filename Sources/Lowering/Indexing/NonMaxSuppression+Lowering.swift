package import Diagnostics
import Loops
package import Ops
import Tensors

extension NonMaxSuppression: Lowerable {
  package func lower(_ context: NodeLowering) throws(Diagnostic) {
    let (boxes, scores) = try (context.plain(0), context.plain(1))
    let (batch, classes, count) = (scores.shape[0], scores.shape[1], scores.shape[2])
    try context.require(0, [batch, count, 4])
    let rows = batch * classes
    // Every class of every image chooses by itself; what it chose lies in a row of its own.
    let chosen = context.temporary(.i64, [rows, count])
    let counts = context.temporary(.i64, [rows])
    let options = try (2..<5).map { index throws(Diagnostic) in
      context.hasInput(index) ? try context.scalar(index) : nil
    }
    let search = BoxSearch(
      boxes: boxes, scores: scores, limit: options[0], overlap: options[1], floor: options[2],
      isCentered: centerPointBox, chosen: chosen, counts: counts)
    try context.forEach("suppress", [batch, classes]) { builder, position throws(Diagnostic) in
      try search.statements(builder, position[0], position[1], classes)
    }
    let output = try context.outputShape()
    try context.define(output[0]) { builder throws(Diagnostic) in
      let total = builder.registers("total", .i64)
      let loop = try builder.loop("i", rows) { row in
        [.set(total, [], Expr.register(total, []).plus(builder.view(counts).load([row])))]
      }
      return ([.registers(total, initial: .zero(.i64))] + loop, .register(total, []))
    }
    let sink = try context.output()
    try context.forEach("select", []) { builder, _ throws(Diagnostic) in
      let next = builder.registers("next", .i64)
      let loops = try builder.loop("i", rows) { row throws(Diagnostic) in
        let length = builder.computedIndex("length", minimum: 0, maximum: count.upperBound)
        let inner = try builder.loop("k", IndexExpr(length)) { index throws(Diagnostic) in
          let place = builder.computedIndex("place", minimum: 0, maximum: nil)
          let parts: [Expr] = [
            .index(row.floorDiv(classes)), .index(row.mod(classes)),
            builder.view(chosen).load([row, index]),
          ]
          var stores: [Statement] = []
          for (column, value) in parts.enumerated() {
            stores += try sink.store(value, at: [IndexExpr(place), IndexExpr(column)], builder)
          }
          return [
            .if(
              .compare(.less, .register(next, []), .index(output[0])),
              then: [.bind(place, .register(next, []))] + stores + [
                .set(next, [], Expr.register(next, []).plus(1))
              ], else: [])
          ]
        }
        let load = builder.view(counts).load([row])
        return [.bind(length, Expr.binary(.min, load, .index(count)).atLeast(0))] + inner
      }
      return [.registers(next, initial: .zero(.i64))] + loops
    }
  }
}

/// The boxes of one class by falling score, those left out that overlap a chosen one too much.
private struct BoxSearch {
  let boxes: Placed
  let scores: Placed
  let limit: Placed?
  let overlap: Placed?
  let floor: Placed?
  let isCentered: Bool
  let chosen: Placed
  let counts: Placed

  private struct Box {
    let left: Local
    let right: Local
    let top: Local
    let bottom: Local
  }

  func statements(
    _ builder: KernelBuilder, _ image: IndexExpr, _ label: IndexExpr, _ classes: IndexExpr
  ) throws(Diagnostic) -> [Statement] {
    let row = image * classes + label
    let count = scores.shape[2]
    let found = builder.registers("found", .i64)
    let (last, lastPlace) = (builder.registers("last", .f32), builder.registers("lastAt", .i64))
    let (best, bestPlace) = (builder.registers("best", .f32), builder.registers("bestAt", .i64))
    func scalar(_ placed: Placed?) -> Expr? {
      placed.map { builder.view($0).load($0.shape.map { _ in 0 }) }
    }
    let least = scalar(floor)
    let search = try builder.loop("k", count) { index in
      let score = builder.local("score", .f32)
      let (value, place) = (Expr.local(score), Expr.index(index))
      let isNext = before(.register(last, []), .register(lastPlace, []), value, place)
      let isBetter = Expr.binary(
        .or, Expr.register(bestPlace, []).isLess(than: 0),
        before(value, place, .register(best, []), .register(bestPlace, [])))
      var wins = Expr.binary(.and, isNext, isBetter)
      if let least { wins = .binary(.and, wins, .compare(.greater, value, least)) }
      let isIt = builder.local("wins", .bool)
      return [
        .let(score, builder.view(scores).load([image, label, index])), .let(isIt, wins),
        .set(best, [], .select(.local(isIt), value, .register(best, []))),
        .set(bestPlace, [], .select(.local(isIt), place, .register(bestPlace, []))),
      ]
    }
    let maximum = count.upperBound.map { Swift.max(0, $0 - 1) }
    let candidate = builder.computedIndex("candidate", minimum: 0, maximum: maximum)
    let place = builder.computedIndex("place", minimum: 0, maximum: maximum)
    let (box, load) = corners(builder, image, IndexExpr(candidate))
    let isHidden = builder.registers("hidden", .bool)
    let length = builder.computedIndex("chosen", minimum: 0, maximum: count.upperBound)
    let threshold = scalar(overlap) ?? .zero(.f32)
    let compare = try builder.loop("c", IndexExpr(length)) { index in
      let other = builder.computedIndex("other", minimum: 0, maximum: maximum)
      let (rival, loadRival) = corners(builder, image, IndexExpr(other))
      let covers = overlaps(rival, box, moreThan: threshold)
      return [.bind(other, builder.view(chosen).load([row, index]))] + loadRival
        + [.set(isHidden, [], .binary(.or, .register(isHidden, []), covers))]
    }
    let accept: [Statement] = [
      .bind(place, .register(found, [])),
      builder.view(chosen, isWritten: true).store(
        .index(IndexExpr(candidate)), at: [row, IndexExpr(place)]),
      .set(found, [], Expr.register(found, []).plus(1)),
    ]
    let consider: [Statement] =
      [.bind(candidate, .register(bestPlace, []))] + load + [
        .registers(isHidden, initial: .integer(0, .bool)), .bind(length, .register(found, [])),
      ] + compare + [
        .if(.register(isHidden, []), then: [], else: accept),
        .set(last, [], .register(best, [])), .set(lastPlace, [], .register(bestPlace, [])),
      ]
    let most = scalar(limit)?.converted(to: .i64) ?? .zero(.i64)
    let isExhausted = builder.registers("exhausted", .bool)
    let mayGoOn = Expr.binary(
      .and, .compare(.less, .register(found, []), most), .unary(.not, .register(isExhausted, [])))
    let rounds = try builder.loop("r", count) { _ in
      [
        .if(
          mayGoOn,
          then: [.set(bestPlace, [], .integer(-1, .i64))] + search + [
            .if(
              Expr.register(bestPlace, []).isLess(than: 0),
              then: [.set(isExhausted, [], .integer(1, .bool))], else: consider)
          ], else: [])
      ]
    }
    return [
      .registers(found, initial: .zero(.i64)), .registers(last, initial: .float(.infinity, .f32)),
      .registers(lastPlace, initial: .integer(-1, .i64)), .registers(best, initial: .zero(.f32)),
      .registers(bestPlace, initial: .zero(.i64)),
      .registers(isExhausted, initial: .integer(0, .bool)),
    ] + rounds + [
      builder.view(counts, isWritten: true).store(.register(found, []), at: [row])
    ]
  }

  /// Whether one box comes before another: the higher score, of equal ones the earlier.
  private func before(_ score: Expr, _ place: Expr, _ other: Expr, _ otherPlace: Expr) -> Expr {
    .binary(
      .or, .compare(.greater, score, other),
      .binary(.and, .compare(.equal, score, other), .compare(.less, place, otherPlace)))
  }

  private func corners(
    _ builder: KernelBuilder, _ image: IndexExpr, _ index: IndexExpr
  ) -> (box: Box, statements: [Statement]) {
    let parts = (0..<4).map { builder.view(boxes).load([image, index, IndexExpr($0)]) }
    let box = Box(
      left: builder.local("left", .f32), right: builder.local("right", .f32),
      top: builder.local("top", .f32), bottom: builder.local("bottom", .f32))
    if isCentered {
      let (width, height) = (parts[2].times(0.5), parts[3].times(0.5))
      return (
        box,
        [
          .let(box.left, parts[0].minus(width)), .let(box.right, parts[0].plus(width)),
          .let(box.top, parts[1].minus(height)), .let(box.bottom, parts[1].plus(height)),
        ]
      )
    }
    return (
      box,
      [
        .let(box.left, .binary(.min, parts[1], parts[3])),
        .let(box.right, .binary(.max, parts[1], parts[3])),
        .let(box.top, .binary(.min, parts[0], parts[2])),
        .let(box.bottom, .binary(.max, parts[0], parts[2])),
      ]
    )
  }

  /// Whether intersection over union exceeds a threshold; boxes without area overlap nothing.
  private func overlaps(_ a: Box, _ b: Box, moreThan threshold: Expr) -> Expr {
    func area(_ box: Box) -> Expr {
      Expr.local(box.right).minus(.local(box.left))
        .times(Expr.local(box.bottom).minus(.local(box.top)))
    }
    let width = Expr.binary(.min, .local(a.right), .local(b.right))
      .minus(.binary(.max, .local(a.left), .local(b.left)))
    let height = Expr.binary(.min, .local(a.bottom), .local(b.bottom))
      .minus(.binary(.max, .local(a.top), .local(b.top)))
    let shared = width.times(height)
    let union = area(a).plus(area(b)).minus(shared)
    var result = Expr.compare(.greater, shared.divided(by: union), threshold)
    for extent in [width, height, area(a), area(b)] {
      result = .binary(.and, result, extent.isGreater(than: 0))
    }
    return result
  }
}
