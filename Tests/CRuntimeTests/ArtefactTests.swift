import Foundation
import RuntimeSources
import Testing

/// Compiles the embedded sources with the system's C compiler, as `martlet compile` does, with models written in C.
@Suite("artefacts", .serialized)
final class ArtefactTests {
  let folder: URL
  static let programs = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Programs")

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "martlet-artefact-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for file in RuntimeSources.files {
      try Data(file.contents).write(to: folder.appending(path: file.name))
    }
    for name in ["toy_model.c", "echo_model.c", "two_models.c"] {
      try FileManager.default.copyItem(
        at: Self.programs.appending(path: name), to: folder.appending(path: name))
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  struct Result {
    var status: Int32
    var output: String
    var error: String
  }

  func run(_ program: String, _ arguments: String...) throws -> Result {
    try run(program, arguments)
  }

  func run(_ program: String, _ arguments: [String]) throws -> Result {
    let process = Process()
    let output = Pipe()
    let error = folder.appending(path: "stderr.txt")
    _ = FileManager.default.createFile(atPath: error.path, contents: nil)
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: error)
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      error: try String(contentsOf: error, encoding: .utf8))
  }

  func compile(_ arguments: String...) throws {
    let strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"]
    let result = try run("cc", strict + arguments)
    try #require(result.status == 0, "\(result.error)")
  }

  func compileToy(_ definitions: String...) throws {
    let result = try run(
      "cc",
      ["-DMARTLET_PREFIX=toy"] + definitions
        + ["artefact.c", "main.c", "toy_model.c", "-o", "toy", "-lm", "-pthread"])
    try #require(result.status == 0, "\(result.error)")
  }

  /// A version 1.0 `.npy` file of little-endian elements.
  func npy(_ descr: String, _ shape: String, _ bytes: [UInt8]) -> Data {
    let header = "{'descr': '\(descr)', 'fortran_order': False, 'shape': \(shape), }\n"
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0])
      + Data(header.utf8) + Data(bytes)
  }

  func write(_ data: Data, _ name: String) throws {
    try data.write(to: folder.appending(path: name))
  }

  /// The elements of a file that the executable wrote.
  func floats(_ name: String) throws -> [Float] {
    let data = try Data(contentsOf: folder.appending(path: name))
    let start = 10 + Int(data[8]) + Int(data[9]) << 8
    return data[start...].withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
  }

  static func bytes<Element>(_ elements: [Element]) -> [UInt8] {
    elements.withUnsafeBytes(Array.init)
  }

  @Test func executableReadsAndWritesArrays() throws {
    try compileToy()
    try write(npy("<f4", "(2, 3)", Self.bytes([1, 2, 3, 4, 5, 6.5] as [Float])), "x.npy")
    // TensorProto: data_type = INT64, raw_data = 10.
    try write(Data([0x10, 7, 0x4a, 8, 10, 0, 0, 0, 0, 0, 0, 0]), "k.pb")
    let result = try run(
      "./toy", "--input", "x=x.npy", "--input", "k=k.pb", "--output-dir", "out/deep")
    #expect(result.status == 0 && result.output.isEmpty && result.error.isEmpty)
    #expect(try floats("out/deep/y_1.npy") == [12, 14, 16, 18, 20, 23])
    let names = try FileManager.default.contentsOfDirectory(
      atPath: folder.appending(path: "out/deep").path)
    #expect(names.sorted() == ["rows.npy", "y_1.npy"])
  }

  @Test func mistakesHaveStatusAndText() throws {
    try compileToy()
    try write(npy("<f8", "(2, 3)", Array(repeating: 0, count: 48)), "double.npy")
    try write(npy("<f4", "(2, 2)", Array(repeating: 0, count: 16)), "narrow.npy")
    try write(npy("<f4", "(2, 3)", Array(repeating: 0, count: 23)), "short.npy")
    let cases: [([String], Int32, String)] = [
      (["--nonsense"], 64, "--nonsense"),
      (["--input", "x"], 64, "--input takes NAME=..., found 'x'"),
      (["--threads", "many"], 64, "--threads takes a number"),
      (["stray"], 64, "unexpected argument 'stray'"),
      ([], 1, "input 'x' is not given"),
      (["--input", "z=x.npy"], 1, "the model has no input 'z'"),
      (["--input", "x=absent.npy"], 1, "absent.npy: No such file"),
      (["--input", "x=double.npy"], 1, "has elements of type '<f8', expected float"),
      (["--input", "x=narrow.npy"], 1, "input 'x' has shape [2, 2], expected [N=2, 3]"),
      (["--input", "x=short.npy"], 1, "has 23 bytes of data, expected 6 times 4"),
      (["--shape", "x=2,2"], 1, "input 'x' has shape [2, 2], expected [N=2, 3]"),
      (["--selftest"], 1, "compiled without a recorded vector"),
    ]
    for (arguments, status, text) in cases {
      let seed = arguments.isEmpty ? [] : ["--random-seed", "1"]
      let result = try run("./toy", arguments + seed)
      #expect(result.status == status, "\(arguments)")
      #expect(result.error.contains(text), "\(arguments): \(result.error)")
    }
  }

  @Test func selfTestComparesWithTheRecord() throws {
    try compileToy("-DRECORDED=5")
    #expect(try run("./toy", "--selftest").output == "plain: the self-test passed\n")
    try compileToy("-DRECORDED=5.5f")
    let result = try run("./toy", "--selftest")
    #expect(result.status == 1)
    #expect(result.error.contains("output 'y/1' is 11 at element 2, recorded as 11.5"))
  }

  @Test func benchReportsJSON() throws {
    try compileToy()
    let result = try run("./toy", "--bench", "--runs", "50", "--json", "--shape", "x=1000,3")
    let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    let report = try #require(json as? [String: Any])
    #expect(report["variant"] as? String == "plain")
    #expect(report["runs"] as? Int == 50)
    let least = try #require(report["min_ms"] as? Double)
    let median = try #require(report["median_ms"] as? Double)
    let p99 = try #require(report["p99_ms"] as? Double)
    #expect(least > 0 && least <= median && median <= p99)
  }

  @Test func randomInputsDependOnTheSeedOnly() throws {
    try compileToy()
    var seen: [[Float]] = []
    for (seed, threads) in [("1", "1"), ("1", "4"), ("2", "1")] {
      _ = try run(
        "./toy", "--random-seed", seed, "--threads", threads, "--shape", "x=7,3", "--output-dir",
        "out")
      seen.append(try floats("out/y_1.npy"))
    }
    #expect(seen[0].count == 21)
    #expect(seen[0] == seen[1] && seen[0] != seen[2])
    // SplitMix64 of seed 1: floats are the upper 24 bits, the integer k comes 22nd.
    var state: UInt64 = 1
    let draws = (0..<22).map { _ in
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
    let k = Float(draws[21] % 1000)
    #expect(seen[0] == draws[..<21].map { 2 * (Float($0 >> 40) / 16_777_216) + k })
  }

  /// ONNX type, NumPy's type, bytes of two elements.
  static let arrays: [(Int, String, [UInt8])] = [
    (1, "<f4", bytes([1.5, -2] as [Float])), (2, "|u1", [3, 255]), (3, "|i1", [4, 128]),
    (4, "<u2", bytes([5, 65535] as [UInt16])), (5, "<i2", bytes([6, -7] as [Int16])),
    (6, "<i4", bytes([8, -9] as [Int32])), (7, "<i8", bytes([10, -11] as [Int64])),
    (
      8, "<U3", bytes(["a", "b", "\0", "ä", "😀", "\0"].map { $0.unicodeScalars.first?.value ?? 0 })
    ),
    (9, "|b1", [1, 0]), (10, "<f2", [0, 0x3c, 0, 0xc0]),
    (11, "<f8", bytes([12.25, -13])), (12, "<u4", bytes([14, 15] as [UInt32])),
    (13, "<u8", bytes([16, 17] as [UInt64])), (14, "<c8", bytes([18, 19, 20, 21] as [Float])),
    (15, "<c16", bytes([22, 23, 24, 25.0])), (16, "<V2", [0x80, 0x3f, 0, 0xc0]),
    (17, "|V1", [0x38, 0xb8]), (18, "|V1", [1, 2]), (19, "|V1", [3, 4]), (20, "|V1", [5, 6]),
    (21, "|u1", [15, 1]), (22, "|i1", [0xf8, 7]), (23, "|V1", [15, 9]), (24, "|V1", [127, 128]),
    (25, "|u1", [3, 1]), (26, "|i1", [0xfe, 1]),
  ]

  @Test func everyElementTypeTravels() throws {
    try compile(
      "-DMARTLET_PREFIX=echo", "artefact.c", "main.c", "echo_model.c", "-o", "echo", "-lm",
      "-pthread")
    var arguments = ["--output-dir", "out"]
    for (type, descr, bytes) in Self.arrays {
      try write(npy(descr, "(2, 1)", bytes), "\(type).npy")
      arguments += ["--input", "\(type)=\(type).npy"]
    }
    let result = try run("./echo", arguments)
    #expect(result.error == "")
    for (type, descr, bytes) in Self.arrays {
      let data = try Data(contentsOf: folder.appending(path: "out/\(type).npy"))
      let start = 10 + Int(data[8]) + Int(data[9]) << 8
      // Strings come back as wide as the longest: two here.
      let isString = type == 8
      #expect(start % 64 == 0)
      #expect(
        String(decoding: data[10..<start], as: UTF8.self).hasPrefix(
          "{'descr': '\(isString ? "<U2" : descr)', 'fortran_order': False, 'shape': (2, 1), }"))
      #expect(
        Array(data[start...]) == (isString ? Array(bytes[0..<8] + bytes[12..<20]) : bytes),
        "type \(type)")
    }
  }

  @Test func twoModelsInOneProgram() throws {
    for (prefix, definition) in [("alpha", "-DRECORDED=5"), ("beta", "-DSTATIC_ROWS=1000")] {
      try compile("-DMARTLET_PREFIX=\(prefix)", "-c", "artefact.c", "-o", "\(prefix)_a.o")
      let factor = prefix == "alpha" ? "2" : "7"
      try compile(
        "-DMARTLET_PREFIX=\(prefix)", "-DFACTOR=\(factor)", definition, "-c", "toy_model.c", "-o",
        "\(prefix)_m.o")
      try #require(
        try run("ar", "rcs", "lib\(prefix).a", "\(prefix)_a.o", "\(prefix)_m.o").status == 0)
      try write(Data(RuntimeSources.header(prefix: prefix).utf8), "\(prefix).h")
    }
    try compile(
      "-DCOUNT_ALLOCATIONS", "two_models.c", "libalpha.a", "libbeta.a", "-o", "two", "-lm",
      "-pthread")
    let result = try run("./two")
    #expect(result.output == "all right\n")
    #expect(result.status == 0)
  }

  @Test func sharedLibraryExportsTheInterfaceOnly() throws {
    try compile(
      "-fPIC", "-shared", "artefact.c", "toy_model.c", "-o", "libtoy.so", "-lm", "-pthread")
    let symbols = try run("nm", "-D", "--defined-only", "libtoy.so").output
      .split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
    #expect(
      symbols.sorted() == [
        "martlet_abi_version", "martlet_create", "martlet_destroy", "martlet_metadata",
        "martlet_run", "martlet_selftest", "martlet_status_message", "martlet_variant",
      ])
  }
}
