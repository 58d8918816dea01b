import Synchronization

/// Progress through phases, each with a bar of its own.
final class PhaseProgress: Sendable {
  private let current = Mutex<(phase: String, progress: Progress)?>(nil)

  /// Reports that `done` of `total` steps of a phase are over.
  func report(_ phase: String, _ done: Int, _ total: Int) {
    let progress = current.withLock { current in
      if let current, current.phase == phase { return current.progress }
      current?.progress.finish()
      let fresh = Progress(phase)
      current = (phase, fresh)
      return fresh
    }
    progress.report(done, of: total)
  }

  /// Removes the bar.
  func finish() { current.withLock { $0?.progress.finish() } }
}
