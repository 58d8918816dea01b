import LLVMBackend
import Loops

/// A model lowered for one target or several: everything that an artefact is made of.
public struct CompiledModel: Sendable {
  /// The model's name, which C identifiers of static artefacts begin with.
  public let name: String
  public let signature: Signature
  /// One for each target, the best first; they read their constants from one place.
  public let variants: [Variant]
  let recording: Recording?
  private let threads: Int

  init(
    name: String, signature: Signature, threads: Int, variants: [Variant], recording: Recording?
  ) {
    self.name = name
    self.signature = signature
    self.threads = threads
    self.variants = variants
    self.recording = recording
  }

  /// Bytes of packed weights, those that variants share counted once.
  public var constantByteCount: Int { variants.map(\.program.constants.byteCount).max() ?? 0 }
  /// Bytes of working memory that are enough for every variant; nil when they depend on the shapes.
  public var arenaByteCount: Int? {
    let known = variants.compactMap(\.arenaByteCount)
    return known.count == variants.count ? known.max() : nil
  }
  public var kernelCount: Int { variants.map(\.kernelCount).reduce(0, +) }
  public var hasRecording: Bool { recording != nil }

  /// What the artefact says about itself.
  public var metadata: ArtefactMetadata {
    ArtefactMetadata(
      name: name, signature: signature, threads: threads, workspaceBytes: arenaByteCount,
      variants: variants.map(\.name))
  }

  var options: ModelOptions { ModelOptions(threads: threads, metadata: metadata.json) }

  /// Bytes of weights that a variant reads and another one too.
  public func sharedConstantByteCount(of variant: Int) -> Int {
    let own = variants[variant].program.constantByteCounts
    let others = variants.indices.filter { $0 != variant }
    let read = Set(others.flatMap { variants[$0].program.constantByteCounts.keys })
    return own.filter { read.contains($0.key) }.values.reduce(0, +)
  }
}
