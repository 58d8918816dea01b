package import Loops

/// What the parts of a compiled model are called in object files.
///
/// The prefix is `martlet` in a shared library and the model's own name in a static one, so that several models link
/// into one program. Variants of one model are told apart by a second part, except for the constants, which they share.
package struct SymbolNames: Sendable, Hashable {
  package let prefix: String
  private let stem: String

  /// - Parameter variant: letters, digits and underscores; nil for a model in one form only.
  package init(prefix: String = "martlet", variant: String? = nil) {
    self.prefix = prefix
    stem = ([prefix] + (variant.map { [$0] } ?? [])).joined(separator: "_")
  }

  /// The `martlet_model` that describes the model to the run-time.
  package var descriptor: String { stem + "_model_descriptor" }
  /// The first byte of the packed constants.
  package var constants: String { prefix + "_constants" }
  package var computeValues: String { stem + "_compute_values" }

  /// A kernel's machine form in the readable forms of a program; the number keeps names apart that differ only in what
  /// a symbol cannot hold.
  package func kernel(_ number: Int, _ kernel: Kernel) -> String {
    "\(stem)_k\(number)_\(Self.identifier(kernel.name))"
  }

  /// A kernel's machine form in object files: the same for the same code in every model, which then share it.
  static func kernel(_ family: String, _ hash: ContentHash) -> String {
    "martlet_\(family)_\(hash.text.prefix(24))"
  }

  /// What a kernel is called without the number that tells it from others of its program.
  static func family(of kernel: Kernel) -> String {
    let parts = kernel.name.split(separator: "_", omittingEmptySubsequences: false)
    let isNumbered = parts.count > 1 && parts.last?.allSatisfy(\.isNumber) == true
    return identifier((isNumbered ? parts.dropLast() : parts[...]).joined(separator: "_"))
  }

  private static func identifier(_ name: String) -> String {
    String(
      name.map { character in
        character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
      })
  }
}
