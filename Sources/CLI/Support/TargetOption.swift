import ArgumentParser
import Martlet

/// What a model is compiled for.
struct TargetOption: ParsableArguments {
  @Option(
    name: .customLong("target"),
    help: ArgumentHelp(
      """
      native, x86-64-v2, x86-64-v3, x86-64-v4, x86-64-v4-vnni, x86-64-v4-amx, aarch64, or TRIPLE[:CPU[:FEATURES]]; several, \
      of one architecture, make one artefact that runs the best variant for its processor (repeatable).
      """,
      valueName: "TARGET"),
    completion: .list(TargetSelection.names))
  var names = ["native"]
}

/// Which variant of a compiled library runs.
struct VariantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run this variant of a compiled library instead of the best for the processor.",
      valueName: "TARGET"))
  var variant: String?
}
