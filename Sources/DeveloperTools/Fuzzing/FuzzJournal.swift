import Foundation

/// What a worker tells its supervisor while it runs, and what is left of it after a crash: a file that both have mapped.
final class FuzzJournal {
  enum Entry: Int, CaseIterable {
    /// The number that is being worked on.
    case current
    /// How many are done.
    case done
    /// How many of them turned out as is counted: models all the same, graphs without a difference.
    case counted
    case slowestNumber
    case slowestMicroseconds
    /// 1 when all of the worker's numbers are done.
    case isFinished
  }

  private static let byteCount = Entry.allCases.count * MemoryLayout<Int>.stride
  let path: String
  private let entries: UnsafeMutablePointer<Int>

  /// Maps a file, which is made when it is missing.
  init(_ path: String) throws {
    self.path = path
    let file = open(path, O_RDWR | O_CREAT, 0o600)
    guard file >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    defer { close(file) }
    guard ftruncate(file, Self.byteCount) == 0,
      let mapped = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
      mapped != MAP_FAILED
    else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    entries = mapped.bindMemory(to: Int.self, capacity: Entry.allCases.count)
  }

  deinit { munmap(entries, Self.byteCount) }

  subscript(_ entry: Entry) -> Int {
    get { entries[entry.rawValue] }
    set { entries[entry.rawValue] = newValue }
  }

  /// Notes that a number is done, whether it counts, and whether none has taken longer.
  func finish(_ number: Int, counts: Bool, after time: Duration) {
    self[.done] += 1
    if counts { self[.counted] += 1 }
    let microseconds = Int(time / .microseconds(1))
    guard microseconds > self[.slowestMicroseconds] else { return }
    self[.slowestMicroseconds] = microseconds
    self[.slowestNumber] = number
  }
}
