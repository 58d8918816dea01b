import Diagnostics
import IR
import Tensors

/// What losses over classes share: which targets count, with what weight, and how the losses are reduced.
package struct ClassLoss: Sendable, Hashable {
  package enum Reduction: String, Sendable, Hashable, CaseIterable {
    case none
    case sum
    case mean
  }

  package var reduction: Reduction
  /// A target that counts for nothing.
  package var ignoreIndex: Int?

  package init(reduction: Reduction = .mean, ignoreIndex: Int? = nil) {
    self.reduction = reduction
    self.ignoreIndex = ignoreIndex
  }

  init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    reduction = try attributes.choice("reduction", default: .mean)
    ignoreIndex = try attributes.optionalInt("ignore_index")
  }

  func write(to attributes: inout Attributes) {
    attributes.string("reduction", reduction.rawValue, default: "mean")
    attributes.int("ignore_index", ignoreIndex)
  }

  /// The shape of the loss.
  ///
  /// - Throws: `shape.rank`, `shape.loss` when targets or weights do not fit the scores.
  func shape(
    _ scores: [IndexExpr], _ targets: [IndexExpr], _ weight: [IndexExpr]?
  ) throws(Diagnostic) -> [IndexExpr] {
    guard scores.count >= 2 else {
      throw Diagnostic("shape.rank", "scores have rank \(scores.count), expected at least 2")
    }
    func agree(_ a: [IndexExpr], _ b: [IndexExpr]) -> Bool {
      a.count == b.count && zip(a, b).allSatisfy { !$0.isConstant || !$1.isConstant || $0 == $1 }
    }
    let expected = scores[0...0] + scores.dropFirst(2)
    guard agree(targets, Array(expected)), weight.map({ agree($0, [scores[1]]) }) ?? true else {
      throw Diagnostic(
        "shape.loss",
        "targets are \(targets) and weights \(weight ?? []), expected \(Array(expected)) and [\(scores[1])]"
      )
    }
    return reduction == .none ? targets : []
  }

  /// The reduced loss of log-probabilities that have the shape and type of `scores`.
  ///
  /// - Throws: `index.out-of-range` for a target that is no class.
  func loss(
    of logs: [Double], like scores: Tensor, targets: Tensor, weight: Tensor?
  ) throws(Diagnostic) -> Tensor {
    let shape = try shape(scores.symbolicShape, targets.symbolicShape, weight?.symbolicShape)
    let classes = scores.shape[1]
    let inner = Array(scores.shape.dropFirst(2)).elementCount
    let weights = weight?.doubles
    var losses: [Double] = []
    var total = 0.0
    for (index, target) in (targets.integers ?? []).enumerated() {
      if target == ignoreIndex {
        losses.append(0)
        continue
      }
      guard target >= 0, target < classes else {
        throw Diagnostic(
          "index.out-of-range", "target \(index) is \(target), expected one in 0..<\(classes)")
      }
      let share = weights?[target] ?? 1
      let place = (index / inner * classes + target) * inner + index % inner
      losses.append(-logs[place] * share)
      total += share
    }
    switch reduction {
    case .none: return Tensor(doubles: losses, shape: shape.map(\.constant), type: scores.type)
    case .sum: return Tensor(doubles: [losses.reduce(0, +)], shape: [], type: scores.type)
    case .mean:
      return Tensor(doubles: [losses.reduce(0, +) / total], shape: [], type: scores.type)
    }
  }
}
