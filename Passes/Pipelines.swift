package import PassManager

/// What the compiler does to a graph, phase by phase.
package enum Pipelines {
  /// Removes what exporters leave behind; the result means the same to any runtime.
  package static let cleanup = Pipeline(
    "cleanup",
    [
      .untilStable(
        name: "cleanup", limit: 8,
        [
          // What is known now may make dimensions numbers that were symbols.
          .pass(.fixDimensions),
          .pass(.refineTypes),
          // Shapes first: they turn operands into constants that everything else looks for.
          .pass(.foldShapeComputations),
          // Quantizers of QONNX before anything is folded: their integers are what weights are made of.
          .pass(.expandQuant),
          .pass(.foldConstants),
          .pass(.eliminateNoOps),
          // One form per meaning, so that later patterns stay short.
          .pass(.canonicalizeOperands),
          .pass(.canonicalizeReshapes),
          .pass(.canonicalizeGlobalPools),
          // Transposes move down, so that layers meet what they can take in, and cancel with their inverses.
          .pass(.sinkTransposes),
          .pass(.mergeTransposes),
          .pass(.mergeReshapes),
          .pass(.mergePads),
          .pass(.mergeCasts),
          // Equal operands must be one value before patterns ask for it twice.
          .pass(.eliminateCommonSubexpressions),
          .pass(.eliminateDeadCode),
        ])
    ])

  /// Writes out control flow that is decided, so that everything behind it sees one graph.
  package static let control = Pipeline(
    "control",
    [
      .untilStable(name: "control", limit: 4, [.pass(.expandControl)] + cleanup.steps)
    ])

  /// Joins operators into fewer ones that mean the same, with the standard's own names.
  package static let fusion = Pipeline(
    "fusion",
    [
      .untilStable(
        name: "layers", limit: 8,
        [
          // Whatever a layer's weights can take in costs nothing at run time.
          .pass(.foldPadIntoConv),
          .pass(.foldBatchNormIntoConv),
          .pass(.foldMulAddIntoConv),
        ]),
      // Normalizations that no layer took in fuse as arithmetic.
      .pass(.expandBatchNormalization),
      .pass(.foldConstants),
      .pass(.eliminateDeadCode),
    ])

  /// Writes quantized models in one form: float layers between DequantizeLinear and QuantizeLinear.
  package static let quantizedForm = Pipeline(
    "quantized-form",
    [
      .pass(.expandQuantizedOperators),
      .pass(.widenWeights),
      // Fewer bits than a byte has are a matter of floats: integers go straight to their readers.
      .pass(.hoistClip),
      .pass(.unsignActivations),
    ])

  /// Finds what quantized models compute on integers; its result is what such a model means, to the last bit.
  package static let integers = Pipeline(
    "integers",
    quantizedForm.steps + [
      .untilStable(
        name: "movements", limit: 8,
        [
          .pass(.sinkDequantize),
          .pass(.hoistQuantize),
          .pass(.cancelRequantize),
          // Weights that have been moved.
          .pass(.foldConstants),
        ]),
      // Exact whatever the order of sums.
      .pass(.averageIntegers),
      // Before layers and scales go: functions are between bytes as the file says.
      .pass(.formLookups),
      .pass(.formIntegerLayers),
      .pass(.formWideLayers),
      .pass(.foldQuantizationScales),
      .pass(.expandDequantize),
      .pass(.eliminateDeadCode),
    ])

  /// Gives written-out functions the names that the newest opsets have for them, so that lowering knows one form of each.
  ///
  /// Not for models that older runtimes shall read.
  package static let recognition = Pipeline(
    "recognition",
    [
      .recogniseLayerNormalization,
      .recogniseAttention,
      .recogniseGelu,
      .recogniseSilu,
      .recogniseHardSwish,
      // Behind what is recognised between layers.
      .widenHalfLayers,
      .eliminateCommonSubexpressions,
      .eliminateDeadCode,
    ])

  /// Forms the regions that are lowered as one loop nest each; the last phase before lowering.
  package static let regions = Pipeline(
    "regions",
    [
      // What kernels of bytes ask for.
      .padConvInteger,
      .splitWideWeights,
      // Integer weights that nobody computes with become floats once, not in every run.
      .dequantizeConstants,
      // Weights have taken in what they can; surplus channels are for kernels alone.
      .foldChannelShufflesIntoConv,
      .fuseElementwise,
      .eliminateDeadCode,
    ])

  /// The same phases for graphs inside operators, whose types are those of the optimized graph around them.
  private static func inner(_ phases: [Pipeline]) -> Pipeline {
    Pipeline("inner", [.inRegions(phases.flatMap(\.steps))])
  }

  private static let referencePhases = [cleanup, integers]
  private static let compilePhases = [cleanup, control, fusion, integers, recognition, regions]

  /// What the reference of a quantized model goes through.
  package static let reference = referencePhases + [inner(referencePhases)]

  /// Everything before lowering, in order.
  package static let compile = compilePhases + [inner(compilePhases)]
}
