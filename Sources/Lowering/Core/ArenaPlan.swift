import Loops
import Tensors

/// Places working memory in one arena so that nothing live at the same time overlaps.
///
/// Largest first, each at the lowest offset that is free over its live range: the greedy-by-size order of
/// Pisarchyk and Lee 2020, arXiv:2001.03288, section 4.
enum ArenaPlan {
  /// Offsets are multiples of this many bytes.
  static let alignment = 64
  /// Room behind each memory, so that whole vectors may be read at its end.
  static let padding = 64

  /// Sets offsets and the arena's size; leaves both open when a size depends on symbols.
  static func assign(_ program: inout Program) {
    var pending: [(memory: Int, byteCount: Int)] = []
    for (number, memory) in program.buffers.enumerated() {
      guard case .arena = memory.kind else { continue }
      guard let byteCount = memory.byteCount.value else { return }
      pending.append((number, (byteCount + padding + alignment - 1) / alignment * alignment))
    }
    pending.sort { ($1.byteCount, $0.memory) < ($0.byteCount, $1.memory) }
    var placed: [(memory: Int, offset: Int, byteCount: Int)] = []
    var total = 0
    for (memory, byteCount) in pending {
      let live = program.buffers[memory]
      var offset = 0
      for other in placed.sorted(by: { $0.offset < $1.offset }) {
        let theirs = program.buffers[other.memory]
        let overlaps = live.firstStep <= theirs.lastStep && theirs.firstStep <= live.lastStep
        guard overlaps, other.offset < offset + byteCount else { continue }
        offset = max(offset, other.offset + other.byteCount)
      }
      program.buffers[memory].kind = .arena(offset: offset)
      placed.append((memory, offset, byteCount))
      total = max(total, offset + byteCount)
    }
    program.arenaByteCount = total
  }
}
