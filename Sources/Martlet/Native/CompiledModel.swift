import LLVMBackend
package import Loops

/// A model lowered for a target: everything that an artefact is made of.
public struct CompiledModel: Sendable {
  /// The model's name, which C identifiers of static artefacts begin with.
  public let name: String
  public let signature: Signature
  public let metadata: ArtefactMetadata
  package let program: Program
  package let target: Loops.Target
  let recording: Recording?

  /// Bytes of packed weights.
  public var constantByteCount: Int { program.constants.byteCount }
  /// Bytes of working memory; nil when they depend on the shapes.
  public var arenaByteCount: Int? { program.arenaByteCount }
  public var kernelCount: Int { program.kernels.count }
  public var hasRecording: Bool { recording != nil }

  var options: ModelOptions { ModelOptions(threads: metadata.threads, metadata: metadata.json) }

  /// A readable form of what will run.
  public enum Form: String, Sendable, CaseIterable {
    case program
    case llvm
    case assembly
  }

  /// Buffers, kernels and steps, or the machine code, as text.
  public func text(_ form: Form) throws -> String {
    switch form {
    case .program: "\(program)\n"
    case .llvm: try CodeGenerator(target).text(program, .llvm, options: options)
    case .assembly: try CodeGenerator(target).text(program, .assembly, options: options)
    }
  }
}
