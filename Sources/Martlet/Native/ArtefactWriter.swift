public import Diagnostics
import Foundation
import LLVMBackend
import Loops
import RuntimeSources
import Tensors

/// Writes a compiled model as a library, an object file or an executable.
///
/// Everything is made in a temporary folder; the artefact appears at its path at once, when it is whole.
public struct ArtefactWriter: Sendable {
  /// The C compiler that compiles the run-time and links; nil for the target's usual one.
  public var compiler: String?
  /// What functions of static artefacts begin with; nil for the model's name.
  public var name: String?
  /// Where kernels are kept that have been compiled; nil compiles all.
  public var cache: KernelCacheFolder?

  public init(
    compiler: String? = nil, name: String? = nil, cache: KernelCacheFolder? = nil
  ) {
    self.compiler = compiler
    self.name = name
    self.cache = cache
  }

  /// What was written.
  public struct Written: Sendable {
    /// The artefact, and its header where it has one.
    public let files: [String]
    /// Bytes of code and tables of each variant.
    public let codeByteCounts: [Int]
    /// Kernels of all variants that differ in their code.
    public let kernelCount: Int
    /// Those that came from the cache.
    public let cachedKernelCount: Int
  }

  /// Generates code, compiles the run-time and links.
  ///
  /// - Throws: `file.write`, `link.no-compiler`, `link.failed`, and what code generation throws.
  public func write(_ model: CompiledModel, to path: String) throws(Diagnostic) -> Written {
    let kind = ArtefactKind(path: path)
    let prefix =
      kind.isNamedAfterModel ? ArtefactHeader.identifier(name ?? model.name) : "martlet"
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString)")
    try makeFolder(folder.path)
    defer { try? FileManager.default.removeItem(at: folder) }
    let cc = CCompiler(command: compiler ?? Self.usualCompiler(model), folder: folder)
    let build = ArtefactBuild(
      model: model, kind: kind, prefix: prefix, folder: folder, cc: cc,
      cache: cache?.cache)
    // The system's compiler works on the run-time while kernels are compiled here.
    let (code, runtime) = try concurrently(build.code, build.runtime)
    try build.link(code.flatMap(\.objects) + runtime, to: absolute(path))
    var files = [path]
    if kind.hasHeader {
      files.append(Self.headerPath(for: path))
      try TextFile.write(ArtefactHeader(model: model, prefix: prefix).text, to: files[1])
    }
    return Written(
      files: files, codeByteCounts: code.map(\.byteCount),
      kernelCount: code.map(\.kernelCount).reduce(0, +),
      cachedKernelCount: code.map(\.cachedKernelCount).reduce(0, +))
  }

  /// The header's path: the artefact's with `.h` for its extension.
  static func headerPath(for path: String) -> String {
    guard let dot = path.lastIndex(of: ".") else { return path + ".h" }
    return path[..<dot] + ".h"
  }

  private func absolute(_ path: String) -> String { URL(fileURLWithPath: path).path }

  /// `cc` for the machine's own architecture, Debian's cross compiler for the other one.
  private static func usualCompiler(_ model: CompiledModel) -> String {
    let architecture = model.variants.first?.target.architecture
    guard let architecture, architecture != Loops.Target.native().architecture else { return "cc" }
    return "\(architecture)-linux-gnu-gcc"
  }
}
