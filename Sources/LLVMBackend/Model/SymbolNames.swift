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

  /// A kernel's machine form; the number keeps names apart that differ only in what a symbol cannot hold.
  package func kernel(_ number: Int, _ kernel: Kernel) -> String {
    let readable = kernel.name.map { character in
      character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
    }
    return "\(stem)_k\(number)_\(String(readable))"
  }
}
