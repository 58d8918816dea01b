import Foundation
import Martlet

/// What a compilation made, for people and as JSON.
struct CompileReport: Encodable {
  /// One variant's share of the artefact.
  struct Variant: Encodable {
    let name: String
    let codeByteCount: Int
    let constantByteCount: Int
    /// Constants that another variant reads as well.
    let sharedConstantByteCount: Int
    let workspaceByteCount: Int?
    let kernelCount: Int
  }

  let files: [String]
  let seconds: Double
  let artefactByteCount: Int
  let constantByteCount: Int
  let workspaceByteCount: Int?
  let kernelCount: Int
  /// Those that a compilation before had compiled.
  let cachedKernelCount: Int
  let hasSelfTest: Bool
  let peakByteCount: Int
  let variants: [Variant]

  init(
    _ compiled: CompiledModel, _ written: ArtefactWriter.Written, seconds: Double
  ) throws {
    files = written.files
    self.seconds = seconds
    let attributes = try FileManager.default.attributesOfItem(atPath: files[0])
    artefactByteCount = attributes[.size] as? Int ?? 0
    constantByteCount = compiled.constantByteCount
    workspaceByteCount = compiled.arenaByteCount
    kernelCount = written.kernelCount
    cachedKernelCount = written.cachedKernelCount
    hasSelfTest = compiled.hasRecording
    peakByteCount = ProcessFacts.peakResidentByteCount
    variants = compiled.variants.indices.map { number in
      let variant = compiled.variants[number]
      return Variant(
        name: variant.name, codeByteCount: written.codeByteCounts[number],
        constantByteCount: variant.constantByteCount,
        sharedConstantByteCount: compiled.sharedConstantByteCount(of: number),
        workspaceByteCount: variant.arenaByteCount, kernelCount: variant.kernelCount)
    }
  }

  /// A line on the artefact, and one on each variant.
  var text: String {
    let workspace = workspaceByteCount.map { Quantity.bytes($0) } ?? "shape-dependent"
    let known = cachedKernelCount > 0 ? ", \(cachedKernelCount) of them from the cache" : ""
    let summary =
      "\(files[0]): \(Quantity.bytes(artefactByteCount)), of which "
      + "\(Quantity.bytes(constantByteCount)) weights; \(workspace) working memory; "
      + "\(kernelCount) kernels\(known); \(String(format: "%.1f s", seconds))"
    let lines = variants.map { variant in
      let shared = variant.sharedConstantByteCount
      return "  \(variant.name): \(Quantity.bytes(variant.codeByteCount)) code, "
        + "\(Quantity.bytes(variant.constantByteCount)) weights"
        + (shared > 0 ? ", \(Quantity.bytes(shared)) of them shared" : "")
    }
    return ([summary] + lines).map { $0 + "\n" }.joined()
  }
}
