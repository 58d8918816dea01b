package import PassManager

/// Every pass by name; one alphabetical line each.
package enum PassCatalog {
  package static let all: [Pass] = [
    .canonicalizeGlobalPools,
    .canonicalizeOperands,
    .canonicalizeReshapes,
    .dequantizeConstants,
    .eliminateCommonSubexpressions,
    .eliminateDeadCode,
    .eliminateNoOps,
    .expandBatchNormalization,
    .fixDimensions,
    .foldBatchNormIntoConv,
    .foldChannelShufflesIntoConv,
    .foldConstants,
    .foldMulAddIntoConv,
    .foldPadIntoConv,
    .foldShapeComputations,
    .fuseElementwise,
    .mergeCasts,
    .mergePads,
    .mergeReshapes,
    .mergeTransposes,
    .recogniseAttention,
    .recogniseGelu,
    .recogniseHardSwish,
    .recogniseLayerNormalization,
    .recogniseSilu,
    .refineTypes,
    .sinkTransposes,
  ]

  /// Passes that carry out a plan, by name; they run where there is one, in no pipeline.
  package static let planned: [(name: String, make: @Sendable (QuantizationPlan) -> Pass)] = [
    ("insert-quantization", { .insertQuantization($0) }),
    ("migrate-channel-ranges", { .migrateChannelRanges($0) }),
  ]

  /// The pass that the command line and golden files spell `name`.
  package static func pass(named name: String) -> Pass? {
    all.first { $0.name == name }
  }
}
