import Calibration
import Compression
import Diagnostics
import Foundation
import IR

/// The statistics of one file, for quantization to go on with.
struct StatisticsFileStore: StatisticsStore {
  let path: String

  func statistics(of graph: Graph, values: [String]) throws -> CalibrationStatistics? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let found = try StatisticsFile.read(path)
    do throws(Diagnostic) {
      try found.check(modelDigest: graph.digest)
      try found.check(values: values)
    } catch {
      var failure = error.located(at: .file(path))
      failure.notes.append(
        "quantization keeps statistics of the model as its passes prepare it, not those that "
          + "`martlet statistics collect` keeps of the model as it is")
      throw failure
    }
    return found
  }

  func empty(
    of graph: Graph, values: [String], scalings: [String: [Float]]
  ) -> CalibrationStatistics {
    CalibrationStatistics(modelDigest: graph.digest, values: values, scalings: scalings)
  }

  func keep(_ statistics: CalibrationStatistics) throws {
    try StatisticsFile.write(statistics, to: path)
  }
}
