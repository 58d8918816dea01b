import Foundation
import Martlet

/// A profile as tables for a terminal.
struct ProfileText {
  let profile: Profile
  /// How many of the slowest steps are shown.
  let top: Int

  init(_ profile: Profile, top: Int) {
    self.profile = profile
    self.top = top
  }

  func show(_ model: String) {
    print(
      "\n\(model): \(profile.steps.count) steps, \(Quantity.milliseconds(profile.milliseconds)) ms")
    print(limits)
    print("\n" + operators)
    print("\nslowest steps" + (top < profile.steps.count ? ", \(top) of them" : ""))
    print(steps)
  }

  /// Such as `limits on 1 thread: 176 GFLOP/s; L1 301, L2 120, memory 18 GB/s`.
  private var limits: String {
    let limits = profile.limits
    let levels = limits.levels.map { "\($0.name) \(number($0.gigabytesPerSecond))" }
    let bytes = limits.byteGigaopsPerSecond.map { ", bytes \(number($0)) GOP/s" } ?? ""
    return "limits on \(limits.threads) thread\(limits.threads == 1 ? "" : "s"): "
      + "\(number(limits.gigaflopsPerSecond)) GFLOP/s\(bytes); "
      + "reads \(levels.joined(separator: ", ")) GB/s"
  }

  private var operators: String {
    var table = TextTable(["ms", "share %", "effective GFLOP/s", "of limit %", "nodes", "operator"])
    for row in profile.operators {
      table.add([
        Quantity.milliseconds(row.milliseconds), percent(row.share),
        row.effectiveGigaflopsPerSecond.map(number) ?? "", row.shareOfLimit.map(percent) ?? "",
        "\(row.nodes)", row.kind,
      ])
    }
    return table.description
  }

  private var steps: String {
    var table = TextTable([
      "ms", "share %", "GFLOP/s", "GB/s", "of limit %", "limit", "operator", "node", "kernel",
      "choice",
    ])
    for step in profile.steps.sorted(by: { $0.milliseconds > $1.milliseconds }).prefix(top) {
      let load = step.load
      table.add([
        Quantity.milliseconds(step.milliseconds), percent(step.share),
        load.map { number($0.gigaflopsPerSecond) } ?? "",
        load.map { number($0.gigabytesPerSecond) } ?? "",
        load.map { percent($0.shareOfLimit) } ?? "", load?.limit ?? "", step.kind, step.label,
        step.kernel, step.note,
      ])
    }
    return table.description
  }

  private func percent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }

  private func number(_ value: Double) -> String {
    String(format: value < 100 ? "%.1f" : "%.0f", value)
  }
}
