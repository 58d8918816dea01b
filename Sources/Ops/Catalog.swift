public import IR

/// Every operator that Martlet knows, by category; one alphabetical line each in its category's list.
public enum OpCatalog {
  public static let standard = OpRegistry(
    elementwise + reduction + normalization + convolution + pooling + linearAlgebra + movement
      + indexing + generation + sampling + attention + recurrent + quantization + fusion + text)
}
