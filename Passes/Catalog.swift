package import PassManager

/// Every pass by name; one alphabetical line each.
package enum PassCatalog {
  package static let all: [Pass] = [
    .averageIntegers,
    .cancelRequantize,
    .canonicalizeGlobalPools,
    .canonicalizeOperands,
    .canonicalizeReshapes,
    .dequantizeConstants,
    .eliminateCommonSubexpressions,
    .eliminateDeadCode,
    .eliminateNoOps,
    .expandBatchNormalization,
    .expandControl,
    .expandDequantize,
    .expandQuant,
    .expandQuantizedOperators,
    .fixDimensions,
    .foldBatchNormIntoConv,
    .foldChannelShufflesIntoConv,
    .foldConstants,
    .foldMulAddIntoConv,
    .foldPadIntoConv,
    .foldQuantizationScales,
    .foldShapeComputations,
    .formIntegerLayers,
    .formLookups,
    .formWideLayers,
    .fuseElementwise,
    .hoistClip,
    .hoistQuantize,
    .mergeCasts,
    .mergePads,
    .mergeReshapes,
    .mergeTransposes,
    .padConvInteger,
    .recogniseAttention,
    .recogniseGelu,
    .recogniseHardSwish,
    .recogniseLayerNormalization,
    .recogniseSilu,
    .refineTypes,
    .sinkDequantize,
    .sinkTransposes,
    .splitWideWeights,
    .unsignActivations,
    .widenHalfLayers,
    .widenWeights,
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
