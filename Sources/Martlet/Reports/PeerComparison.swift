import Diagnostics
import Foundation

/// The benchmark script that times Martlet beside onnxruntime and OpenVINO.
public struct PeerComparison: Sendable {
  public var models: [String]
  /// Names as the script knows them: `onnxruntime`, `openvino`, `interpreter`.
  public var peers: [String]
  public var threads: Int
  public var seconds: Double
  public var shapes: [ShapeBinding]
  public var json: String?

  public init(
    models: [String], peers: [String], threads: Int, seconds: Double, shapes: [ShapeBinding],
    json: String?
  ) {
    self.models = models
    self.peers = peers
    self.threads = threads
    self.seconds = seconds
    self.shapes = shapes
    self.json = json
  }

  /// Runs the script with this process's own output and returns its exit status.
  ///
  /// - Throws: `bench.no-script` when this program does not run from its package.
  public func run() throws -> Int32 {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    guard let script = Self.script(near: program) else {
      throw Diagnostic(
        "bench.no-script",
        "the benchmark script is part of the sources; found none beside \(program.path)")
    }
    let process = Process()
    process.executableURL = script
    var arguments = ["--martlet", program.path]
    arguments += ["--engines", (["martlet"] + peers).joined(separator: ",")]
    arguments += ["--threads", "\(threads)", "--seconds", "\(seconds)"]
    for shape in shapes {
      let dimensions = shape.dimensions.map { "\($0)" }.joined(separator: ",")
      arguments += ["--shape", "\(shape.name)=\(dimensions)"]
    }
    if let json { arguments += ["--json", json] }
    process.arguments = arguments + ["--models"] + models
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// `Benchmarks/run.sh` in a folder above the program.
  private static func script(near program: URL) -> URL? {
    var folder = program.deletingLastPathComponent()
    while folder.path != "/" {
      let script = folder.appendingPathComponent("Benchmarks/run.sh")
      if FileManager.default.isExecutableFile(atPath: script.path) { return script }
      folder = folder.deletingLastPathComponent()
    }
    return nil
  }
}
