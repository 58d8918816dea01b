import ArgumentParser
import Calibration
import Diagnostics
import Martlet

/// Joins the statistics of several sets of samples.
struct StatisticsMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge statistics of several sets of samples into those of their union.",
    discussion: """
      The result is the same, byte by byte, as that of one run over all samples. The statistics must be of the same \
      model and have no sample in common.
      """)

  @Argument(help: "Statistics of the same model.", completion: .file(extensions: ["json"]))
  var files: [String]
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Where to write the merged statistics.", valueName: "FILE"),
    completion: .file(extensions: ["json"]))
  var output: String

  func validate() throws {
    if files.count < 2 { throw ValidationError("found \(files.count) file, expected two or more") }
  }

  func run() throws {
    var merged = try StatisticsFile.read(files[0])
    for file in files.dropFirst() {
      let other = try StatisticsFile.read(file)
      do throws(Diagnostic) {
        try merged.merge(other)
      } catch {
        throw error.located(at: .file(file))
      }
    }
    try StatisticsFile.write(merged, to: output)
    print("\(output): \(merged.sampleCount) samples, \(merged.values.count) values")
  }
}
