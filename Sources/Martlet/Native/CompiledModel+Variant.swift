import LLVMBackend
package import Loops

extension CompiledModel {
  /// A model as it is compiled for one target.
  public struct Variant: Sendable {
    package let target: Loops.Target
    package let program: Program

    package init(target: Loops.Target, program: Program) {
      self.target = target
      self.program = program
    }

    /// The target's name.
    public var name: String { target.name }
    public var kernelCount: Int { program.kernels.count }
    /// Bytes of packed weights that it reads.
    public var constantByteCount: Int { program.constantByteCounts.values.reduce(0, +) }
    /// Bytes of working memory; nil when they depend on the shapes.
    public var arenaByteCount: Int? { program.arenaByteCount }
  }

  /// A readable form of what will run.
  public enum Form: String, Sendable, CaseIterable {
    case program
    case llvm
    case assembly

    /// What begins a comment.
    fileprivate var comment: String {
      switch self {
      case .program: "//"
      case .llvm: ";"
      case .assembly: "#"
      }
    }
  }

  /// Buffers, kernels and steps, or the machine code, as text: of every variant, under its name.
  public func text(_ form: Form) throws -> String {
    try variants.map { "\(form.comment) \($0.name)\n" + (try text(form, of: $0)) }
      .joined(separator: "\n")
  }

  private func text(_ form: Form, of variant: Variant) throws -> String {
    let generator = CodeGenerator(variant.target)
    return switch form {
    case .program: "\(variant.program)\n"
    case .llvm: try generator.text(variant.program, .llvm, options: options)
    case .assembly: try generator.text(variant.program, .assembly, options: options)
    }
  }
}
