package import Calibration
package import IR

/// Statistics that outlive a run.
package protocol StatisticsStore: Sendable {
  /// What is kept of a graph's values; nil where there is nothing yet.
  ///
  /// - Throws: `calibration.model` and `calibration.values` when the statistics are of something else.
  func statistics(of graph: Graph, values: [String]) throws -> CalibrationStatistics?

  /// Statistics of no samples.
  func empty(
    of graph: Graph, values: [String], scalings: [String: [Float]]
  ) -> CalibrationStatistics

  func keep(_ statistics: CalibrationStatistics) throws
}
