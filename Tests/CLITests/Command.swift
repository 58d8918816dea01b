import Foundation

/// The built program, run as a user runs it.
enum Command {
  struct Finished {
    let status: Int32
    let output: String
    let error: String

    /// Standard output as JSON.
    func json<T>(_ type: T.Type) throws -> T? {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? T
    }
  }

  /// The program that was built together with the tests.
  static var path: URL {
    URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("martlet")
  }

  /// The folder of the package.
  static var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  static func model(_ name: String) -> String { root.path + "/Models/\(name).onnx" }

  /// Runs `martlet` with arguments.
  static func run(_ arguments: String...) throws -> Finished { try run(path, arguments) }

  /// Runs a program; its output goes through files, so no pipe can fill up.
  static func run(_ program: URL, _ arguments: [String]) throws -> Finished {
    try temporaryFolder { folder in
      let files = ["out", "err"].map { folder.appendingPathComponent($0) }
      for file in files { try Data().write(to: file) }
      let process = Process()
      process.executableURL = program
      process.arguments = arguments
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: files[0])
      process.standardError = try FileHandle(forWritingTo: files[1])
      try process.run()
      process.waitUntilExit()
      return Finished(
        status: process.terminationStatus,
        output: try String(contentsOf: files[0], encoding: .utf8),
        error: try String(contentsOf: files[1], encoding: .utf8))
    }
  }

  /// Calls `body` with a folder that is removed afterwards.
  static func temporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
