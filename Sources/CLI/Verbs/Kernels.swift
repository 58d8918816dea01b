import ArgumentParser
import Diagnostics
import Foundation
import Martlet

/// The rows of the kernel tables for one problem.
struct Kernels: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure every kernel that computes a convolution or a product.",
    discussion: """
      --bench M,K,N is a product with constant weights, --bench N,C,H,W,M,KH,KW a convolution with M filters \
      and same padding. Each row's speed counts the multiply-adds of the direct method, and is a share of what this \
      machine can do, measured in the same run; that of minimal filtering may be above 100 %. The row that the cost \
      model takes is marked.
      """)

  @Option(help: ArgumentHelp("The problem's sizes (repeatable).", valueName: "SIZES"))
  var bench: [String]
  @Option(help: "The distance between windows of a convolution.") var stride = 1
  @Option(help: "The distance between taps of a window.") var dilation = 1
  @Option(help: "Groups of channels.") var group = 1
  @OptionGroup var code: CodeOptionGroup
  @Option(help: "The most threads to use.") var threads = 1
  @Option(help: "How long to measure each problem.") var seconds = 3.0
  @Flag(help: "Fail where the row that is taken is more than 3 % slower than the fastest.")
  var assert = false
  @Flag(help: "Print JSON.") var json = false

  /// How far the cost model's choice may be behind the best row.
  private static let mostLoss = 0.03

  func validate() throws {
    if bench.isEmpty { throw ValidationError("say what to measure with --bench") }
    if threads < 1 { throw ValidationError("found --threads \(threads), expected 1 or more") }
    if !(0...3600).contains(seconds) {
      throw ValidationError("found --seconds \(seconds), expected 0 to 3600")
    }
  }

  func run() throws {
    var measure = KernelBench()
    (measure.threads, measure.seconds) = (threads, seconds)
    let options = try code.options()
    var reports: [KernelBench.Report] = []
    for sizes in bench {
      let numbers = try sizes.split(separator: ",").map { word in
        guard let number = Int(word.trimmingCharacters(in: .whitespaces)) else {
          throw ValidationError("found '\(word)' in --bench \(sizes), expected numbers")
        }
        return number
      }
      let problem = try KernelBench.Problem(
        numbers, stride: stride, dilation: dilation, group: group)
      let report = try measure.run(problem, code: options)
      if !json { show(report) }
      reports.append(report)
    }
    if json { try Console.json(reports) }
    if assert, let worst = reports.max(by: { $0.loss < $1.loss }), worst.loss > Self.mostLoss {
      throw Diagnostic(
        "kernels.choice",
        "\(worst.problem): the row that is taken is \(percent(worst.loss)) slower than the fastest, "
          + "expected \(percent(Self.mostLoss)) at most")
    }
  }

  private func show(_ report: KernelBench.Report) {
    print(
      "\(report.problem), \(report.threads) thread(s); the limit is "
        + String(format: "%.1f GFLOP/s", report.limitGigaflopsPerSecond))
    var table = TextTable(["us", "GFLOP/s", "% limit", "estimate", "row"])
    for row in report.rows {
      table.add([
        String(format: "%.1f", row.microseconds), String(format: "%.1f", row.gigaflopsPerSecond),
        String(format: "%.1f", 100 * row.shareOfLimit), String(format: "%.2f", row.estimate),
        row.name + (row.isChosen ? "  (taken)" : ""),
      ])
    }
    print(table.description)
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
}
