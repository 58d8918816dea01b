import LLVMBackend

/// The C file that lists the variants of an artefact for the run-time, the best first.
struct VariantTable {
  /// What the artefact's symbols begin with.
  let prefix: String
  let names: [SymbolNames]

  /// - Parameters:
  ///   - prefix: what the artefact's symbols begin with.
  ///   - variants: what they are called.
  init(prefix: String, variants: [String]) {
    self.prefix = prefix
    names = variants.enumerated().map { number, name in
      // The number keeps names apart that differ only in what a symbol cannot hold.
      SymbolNames(prefix: prefix, variant: "\(number)_\(ArtefactHeader.identifier(name))")
    }
  }

  /// Defines the table that `artefact.c` declares.
  var source: String {
    let hidden = "__attribute__((visibility(\"hidden\")))"
    let declarations = names.map { "extern const martlet_model \($0.descriptor) \(hidden);" }
    let addresses = names.map { "  &\($0.descriptor)," }
    return """
      #include "martlet_model.h"

      \(declarations.joined(separator: "\n"))
      static const martlet_model *const models[] = {
      \(addresses.joined(separator: "\n"))
      };
      \(hidden) const martlet_variants \(prefix)_variant_table = {\(names.count), models};

      """
  }
}
