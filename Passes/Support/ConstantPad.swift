import IR
import Ops
import PassManager
import Tensors

/// A Pad whose amounts are known and not negative, and whose value is one number.
struct ConstantPad {
  /// All beginnings, then all ends, for every axis of the data.
  let pads: [Int]
  let value: Double

  init?(_ match: Match<Pad>, _ rw: inout Rewriter) {
    guard match.op.padsWithConstant, let rank = rw.rank(match.input(0)),
      let given = rw.integers(match.input(1)), given.allSatisfy({ $0 >= 0 })
    else { return nil }
    var axes = Array(0..<rank)
    if let input = match.input(3) {
      guard let known = rw.integers(input) else { return nil }
      axes = known.map { $0 < 0 ? $0 + rank : $0 }
    }
    guard given.count == 2 * axes.count, axes.allSatisfy({ 0 <= $0 && $0 < rank }) else {
      return nil
    }
    var pads = Array(repeating: 0, count: 2 * rank)
    for (place, axis) in axes.enumerated() {
      pads[axis] = given[place]
      pads[rank + axis] = given[axes.count + place]
    }
    self.pads = pads
    if let input = match.input(2) {
      guard let number = rw.uniform(input) else { return nil }
      value = number
    } else {
      value = 0
    }
  }
}
