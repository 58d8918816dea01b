import Glibc

/// The probabilities of classes from those of each class against each other.
///
/// Source: T.-F. Wu, C.-J. Lin, R. C. Weng, Probability Estimates for Multi-class Classification by Pairwise Coupling, JMLR 5
/// (2004), algorithm 2, with the bounds of LIBSVM, which the implementations of ai.onnx.ml share.
enum PairwiseCoupling {
  /// - Parameter scores: one of each pair of classes `i < j`, above 0 for `i`; `a` and `b` are Platt's sigmoid of each.
  static func probabilities(
    _ classes: Int, scores: [Double], a: [Double], b: [Double]
  ) -> [Double] {
    var wins = Array(repeating: Array(repeating: 0.0, count: classes), count: classes)
    var pair = 0
    for i in 0..<classes {
      for j in i + 1..<max(classes, i + 1) {
        let share = 1 - 1 / (1 + exp(-(scores[pair] * a[pair] + b[pair])))
        wins[i][j] = min(max(share, 1e-7), 1 - 1e-7)
        wins[j][i] = 1 - wins[i][j]
        pair += 1
      }
    }
    return coupled(wins)
  }

  private static func coupled(_ wins: [[Double]]) -> [Double] {
    let count = wins.count
    var q = wins
    for i in 0..<count {
      for j in 0..<count {
        q[i][j] =
          i == j
          ? (0..<count).reduce(0) { $1 == i ? $0 : $0 + wins[$1][i] * wins[$1][i] }
          : -wins[j][i] * wins[i][j]
      }
    }
    var p = Array(repeating: 1 / Double(count), count: count)
    for _ in 0..<max(100, count) {
      var gradient = q.map { row in zip(row, p).reduce(0) { $0 + $1.0 * $1.1 } }
      var energy = zip(p, gradient).reduce(0) { $0 + $1.0 * $1.1 }
      let worst = gradient.map { ($0 - energy).magnitude }.max() ?? 0
      if worst < 0.005 / Double(count) { break }
      for t in 0..<count {
        let step = (energy - gradient[t]) / q[t][t]
        p[t] += step
        energy =
          (energy + step * (step * q[t][t] + 2 * gradient[t])) / ((1 + step) * (1 + step))
        for j in 0..<count {
          gradient[j] = (gradient[j] + step * q[t][j]) / (1 + step)
          p[j] /= 1 + step
        }
      }
    }
    return p
  }
}
