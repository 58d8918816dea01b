import Diagnostics
import Foundation
import LLVMBackend
import Loops
import RuntimeSources

/// One artefact in the making.
struct ArtefactBuild {
  let model: CompiledModel
  let kind: ArtefactKind
  let prefix: String
  let folder: URL
  let cc: CCompiler
  let cache: KernelCache?

  /// The code of one variant.
  struct VariantCode {
    /// Object files in the folder.
    let objects: [String]
    /// Bytes that they load.
    let byteCount: Int
    let kernelCount: Int
    let cachedKernelCount: Int
  }

  private static let flags = ["-std=c11", "-O2", "-fPIC", "-ffunction-sections"]

  private var table: VariantTable {
    VariantTable(prefix: prefix, variants: model.variants.map(\.name))
  }

  /// Generates the kernels and the descriptor of every variant.
  func code() throws(Diagnostic) -> [VariantCode] {
    var made: [VariantCode] = []
    for (variant, symbols) in zip(model.variants, table.names) {
      let code = try CodeGenerator(variant.target, cache: cache).code(
        for: variant.program, names: symbols, options: model.options)
      var names: [String] = []
      var byteCount = 0
      for object in code.objects {
        names.append("code_\(made.count)_\(names.count).o")
        try writeFile(Data(object), to: file(names[names.count - 1]))
        byteCount += try ObjectSize.byteCount(object)
      }
      made.append(
        VariantCode(
          objects: names, byteCount: byteCount, kernelCount: code.kernels.count,
          cachedKernelCount: code.cachedKernelCount))
    }
    return made
  }

  /// Makes the object files of everything else and returns their names in the folder.
  func runtime() throws(Diagnostic) -> [String] {
    for source in RuntimeSources.files {
      try writeFile(Data(source.contents), to: file(source.name))
    }
    var names = [try compiled("artefact.c")]
    if kind == .executable { names.append(try compiled("main.c")) }
    names.append(try compiled("variants.c", table.source))
    // All variants have the same constants.
    try model.variants.first?.program.constants.write(toFile: file("constants.bin"))
    let constants = RecordingSource.assembly(
      section: ".martlet.constants", symbol: SymbolNames(prefix: prefix).constants,
      file: "constants.bin", alignment: 4096)
    names.append(try compiled("constants.s", constants))
    if let recording = model.recording {
      let source = RecordingSource(recording: recording, prefix: prefix)
      try writeFile(source.data, to: file("selftest.bin"))
      names.append(try compiled("selftest_data.s", source.assembly(file: "selftest.bin")))
      names.append(try compiled("selftest_vector.c", source.source))
    }
    return names
  }

  private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func compiled(_ source: String, _ text: String) throws(Diagnostic) -> String {
    try writeFile(Data(text.utf8), to: file(source))
    return try compiled(source)
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
