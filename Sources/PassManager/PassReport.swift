/// What one run of one pass did.
package struct PassRun: Sendable {
  package let pass: String
  package let changes: Int
  package let duration: Duration
  /// Nodes of the graph after the pass.
  package let nodeCount: Int
}

/// What a pipeline did, run by run.
package struct PassReport: Sendable {
  package internal(set) var runs: [PassRun] = []
  /// Groups that still changed something when their limit of rounds was reached.
  package internal(set) var unstable: [String] = []

  package var changes: Int { runs.reduce(0) { $0 + $1.changes } }

  /// Time and changes per pass, the slowest first, one line each.
  package var timing: String {
    var sums: [String: (duration: Duration, changes: Int, runs: Int)] = [:]
    for run in runs {
      let old = sums[run.pass, default: (.zero, 0, 0)]
      sums[run.pass] = (old.duration + run.duration, old.changes + run.changes, old.runs + 1)
    }
    let rows = sums.sorted {
      ($1.value.duration, $0.key) < ($0.value.duration, $1.key)
    }
    return rows.map { name, sum in
      let parts = sum.duration.components
      let microseconds = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
      return "\(microseconds) us  \(sum.changes) changes  \(sum.runs) runs  \(name)\n"
    }.joined()
  }
}
