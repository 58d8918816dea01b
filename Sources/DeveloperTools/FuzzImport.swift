import ArgumentParser
import Foundation
import ONNXFrontend
import TestSupport

/// Imports damaged models by the thousand. Build with `--sanitize=address` to see reads that go astray.
///
/// The imports run in a process of their own: one that crashes, or takes longer than a limit, is reported by its number, which
/// is also the seed that reproduces it, and the run goes on behind it.
struct FuzzImport: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Import damaged models.")

  @Argument(help: "Small models to damage.") var models: [String]
  @Option(help: "How many damaged models to import.") var count = 100_000
  @Option(help: "The number of the first.") var from = 0
  @Option(help: "Seconds that one import may take.") var limit = 20
  @Option(help: "Write the damaged model with the number given by --from here, and stop.")
  var save: String?
  @Option(help: .private) var worker: String?

  func run() throws {
    let mutators = try models.sorted().map {
      Mutator([UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))))
    }
    if let save {
      try Data(damaged(mutators, from)).write(to: URL(fileURLWithPath: save))
      return
    }
    if let worker { return try work(mutators, journal: worker) }
    let start = ContinuousClock.now
    let journal = FileManager.default.temporaryDirectory
      .appendingPathComponent("fuzz-\(ProcessInfo.processInfo.processIdentifier)").path
    var next = from
    var crashes: [Int] = []
    while next < from + count {
      let status = try spawn(from: next, journal: journal)
      if status == 0 { break }
      let text = try String(contentsOfFile: journal, encoding: .utf8)
      let failed = Int(text.prefix { $0.isNumber }) ?? next
      crashes.append(failed)
      print("crash or time-out at number \(failed), status \(status)")
      fflush(nil)
      next = failed + 1
    }
    try? FileManager.default.removeItem(atPath: journal)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let rate = Int(Double(count) / seconds)
    print("\(count) damaged models, \(crashes.count) crashes, \(rate) per second")
    if !crashes.isEmpty { throw ExitCode(1) }
  }

  private func damaged(_ mutators: [Mutator], _ number: Int) -> [UInt8] {
    mutators[number % mutators.count].mutation(seed: UInt64(number))
  }

  private func work(_ mutators: [Mutator], journal: String) throws {
    let file = open(journal, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw ExitCode(2) }
    var imported = 0
    for number in from..<from + count {
      let line = "\(number)\n".padding(toLength: 20, withPad: " ", startingAt: 0)
      _ = line.withCString { pwrite(file, $0, 20, 0) }
      alarm(UInt32(limit))
      let bytes = damaged(mutators, number)
      let result = bytes.withUnsafeBytes { bytes in
        Result { try Importer().importModel(bytes, name: "damaged.onnx", folder: "/nonexistent") }
      }
      if case .success = result { imported += 1 }
    }
    print("\(imported) of \(count) were models all the same")
  }

  private func spawn(from next: Int, journal: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments =
      ["fuzz-import"] + models + [
        "--from", String(next), "--count", String(from + count - next), "--limit", String(limit),
        "--worker", journal,
      ]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
