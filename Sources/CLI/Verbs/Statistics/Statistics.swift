import ArgumentParser

/// What a model's values are like over a dataset.
struct Statistics: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Collect, merge and show statistics of a model's values, from which ranges are chosen.",
    subcommands: [StatisticsCollect.self, StatisticsMerge.self, StatisticsShow.self])
}
