public import IR

/// Every operator that Martlet knows, by category; one alphabetical line each in its category's list.
public enum OpCatalog {
  public static let standard = OpRegistry(categories.flatMap { $0 })

  private static let categories: [[any Op.Type]] = [
    attention,
    classicalLearning,
    contributed,
    control,
    convolution,
    elementwise,
    fusion,
    generation,
    indexing,
    linearAlgebra,
    movement,
    normalization,
    pooling,
    quantization,
    recurrent,
    reduction,
    sampling,
    sequence,
    signal,
    text,
    training,
  ]
}
