import Foundation
import Testing

extension ArtefactTests {
  #if arch(x86_64)
    static let everywhere = "-DREQUIREMENT=\"sse3\""
  #else
    static let everywhere = "-DREQUIREMENT=\"neon\""
  #endif
  static let nowhere = "-DREQUIREMENT=\"imaginary\""

  /// What the toy makes of x = 1, 1, 1 and k = 0: its factor.
  private func factor(_ arguments: String...) throws -> Float {
    try write(npy("<f4", "(1, 3)", Self.bytes([1, 1, 1] as [Float])), "ones.npy")
    try write(Data([0x10, 7, 0x4a, 8, 0, 0, 0, 0, 0, 0, 0, 0]), "zero.pb")
    let result = try run(
      "./toy", ["--input", "x=ones.npy", "--input", "k=zero.pb", "--output-dir", "out"] + arguments)
    try #require(result.status == 0, "\(result.error)")
    return try floats("out/y_1.npy")[0]
  }

  @Test func theBestVariantRunsUnlessAnotherIsNamed() throws {
    try compileToy(Self.everywhere)
    #expect(try factor() == 100)
    #expect(try factor("--variant", "plain") == 2)
    let report = try run("./toy", "--random-seed", "1", "--json", "--variant", "plain")
    #expect(report.output.hasPrefix("{\"variant\": \"plain\", \"outputs\": ["))
    #expect(try run("./toy", "--help").output.contains("\nVariants: fancy plain\n"))
  }

  @Test func aVariantThatTheProcessorLacksIsPassedOver() throws {
    try compileToy(Self.nowhere)
    #expect(try factor() == 2)
    let forced = try run("./toy", "--random-seed", "1", "--variant", "fancy")
    #expect(forced.status == 1)
    #expect(
      forced.error.contains(
        "this processor lacks what the code was compiled for: 'fancy' needs imaginary"))
    let unknown = try run("./toy", "--random-seed", "1", "--variant", "other")
    #expect(unknown.status == 1)
    #expect(
      unknown.error.contains("options.variant is 'other', expected one of 'fancy', 'plain'"))
  }

  @Test func anArtefactThatTheProcessorCannotRunSaysWhy() throws {
    try compileToy(Self.nowhere, "-DFANCY_ONLY")
    for arguments in [["--random-seed", "1"], ["--bench"], ["--selftest"]] {
      let result = try run("./toy", arguments)
      #expect(result.status == 1)
      #expect(result.error.contains("'fancy' needs imaginary"), "\(arguments): \(result.error)")
    }
    // What describes the model works everywhere.
    #expect(try run("./toy", "--help").status == 0)
    #expect(try run("./toy", "--metadata").output == "{\"name\": \"toy\"}\n")
  }

  /// Linux grants no matrix registers to a process one of whose signal stacks has no room for them.
  @Test func matrixRegistersThatTheSystemRefusesAreNotUsed() throws {
    let tiles = "-DREQUIREMENT=\"amx-tile\""
    try compileToy(tiles, "-DFANCY_ONLY")
    let lacks = "lacks what the code was compiled for: 'fancy' needs amx-tile"
    let granted = try run("./toy", "--random-seed", "1")
    if granted.error.contains("\(lacks)\n") {
      try Test.cancel("this machine has no matrix tiles (amx-tile)")
    }
    #expect(granted.status == 0, "\(granted.error)")
    try compileToy(tiles, "-DFANCY_ONLY", "-DSMALL_SIGNAL_STACK=8192")
    let refused = try run("./toy", "--random-seed", "1")
    #expect(refused.status == 1)
    #expect(refused.error.contains("\(lacks) (switched off by the operating system)"))
    try compileToy(tiles, "-DSMALL_SIGNAL_STACK=8192")
    #expect(try factor() == 2)
  }

  @Test func theSelfTestRunsTheVariantThatIsNamed() throws {
    try compileToy(Self.everywhere, "-DRECORDED=5")
    let plain = try run("./toy", "--selftest", "--json", "--variant", "plain")
    #expect(plain.output == "{\"variant\": \"plain\", \"selftest\": \"passed\"}\n")
    // The recording is of the plain one.
    let fancy = try run("./toy", "--selftest")
    #expect(fancy.status == 1)
    #expect(fancy.error.contains("output 'y/1' is 105 at element 0, recorded as 7"))
  }
}
