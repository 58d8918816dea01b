import Diagnostics
import Foundation
import LLVMBackend
import Loops
import RuntimeSources
import Tensors

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

  /// Makes the object files of everything else, all at once, and returns their names in the folder.
  func runtime() throws(Diagnostic) -> [String] {
    for source in RuntimeSources.files {
      try writeFile(Data(source.contents), to: file(source.name))
    }
    var sources = ["artefact.c"] + (kind == .executable ? ["main.c"] : []) + ["variants.c"]
    try writeFile(Data(table.source.utf8), to: file("variants.c"))
    if let recording = model.recording {
      let source = RecordingSource(recording: recording, prefix: prefix)
      try writeFile(source.data, to: file("selftest.bin"))
      for (name, text) in [
        ("selftest_data.s", source.assembly(file: "selftest.bin")),
        ("selftest_vector.c", source.source),
      ] {
        try writeFile(Data(text.utf8), to: file(name))
        sources.append(name)
      }
    }
    let names = try concurrently(sources.count) { [sources] number throws(Diagnostic) in
      try compiled(sources[number])
    }
    guard let constants else { return names }
    try constants.write(to: file(Self.constantsObject))
    return names + [Self.constantsObject]
  }

  private static let constantsSection = ".martlet.constants"
  private static let constantsObject = "constants.o"

  /// Where the constants, which all variants share, will be; nil when there are none.
  private var constants: ELFPlaceholder? {
    guard let variant = model.variants.first, variant.program.constants.byteCount > 0 else {
      return nil
    }
    return ELFPlaceholder(
      section: Self.constantsSection, symbol: SymbolNames(prefix: prefix).constants,
      byteCount: variant.program.constants.byteCount, alignment: constantsAlignment,
      architecture: variant.target.architecture)
  }

  /// Many constants begin with a huge page, so that systems which keep files in such pages can map them.
  private var constantsAlignment: Int {
    let byteCount = model.constantByteCount
    return byteCount >= Self.manyConstants ? 2 << 20 : 4096
  }

  /// Up to two megabytes that alignment adds to the file are a small part of these.
  private static let manyConstants = 64 << 20

  /// Writes the constants into their section of a linked file.
  private func writeConstants(to path: String) throws(Diagnostic) {
    guard let constants, let variant = model.variants.first else { return }
    let found: (file: FileHandle, section: Range<Int>?)
    do {
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      found = (file, try ELFFile(file).range(ofSection: Self.constantsSection))
    } catch {
      throw Diagnostic("file.write", "cannot write '\(path)': \(error.localizedDescription)")
    }
    defer { try? found.file.close() }
    guard let section = found.section, section.count == constants.byteCount else {
      throw Diagnostic(
        "link.failed",
        "the section '\(Self.constantsSection)' of the linked file has "
          + "\(found.section?.count ?? 0) bytes, expected \(constants.byteCount)",
        notes: ["'\(cc.command)' has to keep it as it is"])
    }
    try variant.program.constants.write(
      toFile: found.file.fileDescriptor, at: section.lowerBound)
  }

  private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

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
      try writeConstants(to: partial)
    case .executable:
      try cc.run(
        ["-o", partial] + objects + ["-Wl,--gc-sections,-z,noexecstack", "-lm", "-pthread"])
      try writeConstants(to: partial)
    case .object:
      try cc.run(["-r", "-nostdlib", "-o", partial] + objects)
      try writeConstants(to: partial)
    case .staticLibrary:
      // One member, since a linker takes no member for the sake of the weak self-test alone.
      try cc.run(["-r", "-nostdlib", "-o", "\(prefix).o"] + objects)
      try writeConstants(to: file("\(prefix).o"))
      try CCompiler.run("ar", ["rcs", partial, "\(prefix).o"], in: folder)
    }
    try moveFile(partial, over: path)
  }
}
