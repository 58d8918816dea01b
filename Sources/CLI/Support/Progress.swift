import Synchronization

/// How far a long job is: a bar that redraws itself on a terminal, a plain line now and then elsewhere.
///
/// Nothing is shown for jobs that are over within `quiet`.
final class Progress: Sendable {
  private struct State {
    var lastShown: ContinuousClock.Instant?
    var hasBar = false
  }

  private let label: String
  private let start = ContinuousClock().now
  private let state = Mutex(State())
  private static let quiet = Duration.milliseconds(500)
  private static let barInterval = Duration.milliseconds(100)
  private static let lineInterval = Duration.seconds(5)
  private static let barWidth = 30

  init(_ label: String) { self.label = label }

  /// Reports that `done` of `total` steps are over and which one is running.
  func report(_ done: Int, of total: Int, _ step: String = "") {
    let now = ContinuousClock().now
    state.withLock { state in
      let interval = Console.isErrorTerminal ? Self.barInterval : Self.lineInterval
      guard now - start >= Self.quiet, now - (state.lastShown ?? start) >= interval else { return }
      state.lastShown = now
      if Console.isErrorTerminal {
        state.hasBar = true
        let filled = total > 0 ? min(Self.barWidth, done * Self.barWidth / total) : 0
        let bar =
          String(repeating: "#", count: filled)
          + String(repeating: ".", count: Self.barWidth - filled)
        Console.partialError("\r\u{1B}[K\(label) [\(bar)] \(done)/\(total) \(step.prefix(30))")
      } else {
        Console.error("\(label): \(done) of \(total) \(step)")
      }
    }
  }

  /// Removes the bar.
  func finish() {
    state.withLock { state in
      if state.hasBar { Console.partialError("\r\u{1B}[K") }
      state.hasBar = false
    }
  }
}
