public import Diagnostics
import Foundation
import LLVMBackend
import Loops
import RuntimeSources

/// Writes a compiled model as a library, an object file or an executable.
///
/// Everything is made in a temporary folder; the artefact appears at its path at once, when it is whole.
public struct ArtefactWriter: Sendable {
  /// The C compiler that compiles the run-time and links; nil for the target's usual one.
  public var compiler: String?
  /// What functions of static artefacts begin with; nil for the model's name.
  public var name: String?

  public init(compiler: String? = nil, name: String? = nil) {
    self.compiler = compiler
    self.name = name
  }

  /// Generates code, compiles the run-time, links, and returns the paths of the artefact and of its header.
  ///
  /// - Throws: `file.write`, `link.no-compiler`, `link.failed`, and what code generation throws.
  public func write(_ model: CompiledModel, to path: String) throws(Diagnostic) -> [String] {
    let kind = ArtefactKind(path: path)
    let prefix =
      kind.isNamedAfterModel ? ArtefactHeader.identifier(name ?? model.name) : "martlet"
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString)")
    try makeFolder(folder.path)
    defer { try? FileManager.default.removeItem(at: folder) }
    let cc = CCompiler(command: compiler ?? Self.usualCompiler(model.target), folder: folder)
    let build = Build(model: model, kind: kind, prefix: prefix, folder: folder, cc: cc)
    try build.link(try build.objects(), to: absolute(path))
    guard kind.hasHeader else { return [path] }
    let header = Self.headerPath(for: path)
    try TextFile.write(ArtefactHeader(model: model, prefix: prefix).text, to: header)
    return [path, header]
  }

  /// The header's path: the artefact's with `.h` for its extension.
  static func headerPath(for path: String) -> String {
    guard let dot = path.lastIndex(of: ".") else { return path + ".h" }
    return path[..<dot] + ".h"
  }

  private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }

  /// `cc` for the machine's own architecture, Debian's cross compiler for the other one.
  private static func usualCompiler(_ target: Loops.Target) -> String {
    let architecture = target.triple.prefix { $0 != "-" }
    let isHost = Loops.Target.native().triple.hasPrefix(architecture)
    return isHost ? "cc" : "\(architecture)-linux-gnu-gcc"
  }
}

/// One artefact in the making.
private struct Build {
  let model: CompiledModel
  let kind: ArtefactKind
  let prefix: String
  let folder: URL
  let cc: CCompiler

  private static let flags = ["-std=c11", "-O2", "-fPIC", "-ffunction-sections"]

  /// Makes every object file and returns their names in the folder.
  func objects() throws(Diagnostic) -> [String] {
    var names = try generated()
    for source in RuntimeSources.files {
      try writeFile(Data(source.contents), to: file(source.name))
    }
    names.append(try compiled("artefact.c"))
    if kind == .executable { names.append(try compiled("main.c")) }
    try model.program.constants.write(toFile: file("constants.bin"))
    let constants = RecordingSource.assembly(
      section: ".martlet.constants", symbol: SymbolNames(prefix: prefix).constants,
      file: "constants.bin", alignment: 4096)
    try writeFile(Data(constants.utf8), to: file("constants.s"))
    names.append(try compiled("constants.s"))
    if let recording = model.recording {
      let source = RecordingSource(recording: recording, prefix: prefix)
      try writeFile(source.data, to: file("selftest.bin"))
      try writeFile(Data(source.assembly(file: "selftest.bin").utf8), to: file("selftest_data.s"))
      try writeFile(Data(source.source.utf8), to: file("selftest_vector.c"))
      names.append(try compiled("selftest_data.s"))
      names.append(try compiled("selftest_vector.c"))
    }
    return names
  }

  private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// The kernels and the descriptor.
  private func generated() throws(Diagnostic) -> [String] {
    let objects = try CodeGenerator(model.target).objects(
      model.program, names: SymbolNames(prefix: prefix), options: model.options)
    var names: [String] = []
    for (number, object) in objects.enumerated() {
      names.append("code_\(number).o")
      try writeFile(Data(object), to: file(names[number]))
    }
    return names
  }

  private func compiled(_ source: String) throws(Diagnostic) -> String {
    let object = source + ".o"
    let language = source.hasSuffix(".c") ? Self.flags : []
    try cc.run(language + ["-DMARTLET_PREFIX=\(prefix)", "-c", source, "-o", object])
    return object
  }

  /// Makes the artefact of the objects and moves it to its path.
  func link(_ objects: [String], to path: String) throws(Diagnostic) {
    let partial = "\(path).partial-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: partial) }
    switch kind {
    case .sharedLibrary:
      let name = URL(fileURLWithPath: path).lastPathComponent
      try cc.run(
        ["-shared", "-o", partial] + objects
          + ["-Wl,--gc-sections,-z,noexecstack,-soname,\(name)", "-lm", "-pthread"])
    case .executable:
      try cc.run(
        ["-o", partial] + objects + ["-Wl,--gc-sections,-z,noexecstack", "-lm", "-pthread"])
    case .object:
      try cc.run(["-r", "-nostdlib", "-o", partial] + objects)
    case .staticLibrary:
      // One member, since a linker takes no member for the sake of the weak self-test alone.
      try cc.run(["-r", "-nostdlib", "-o", "\(prefix).o"] + objects)
      try CCompiler.run("ar", ["rcs", partial, "\(prefix).o"], in: folder)
    }
    try moveFile(partial, over: path)
  }
}
