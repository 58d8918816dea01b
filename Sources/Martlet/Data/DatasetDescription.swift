/// What a dataset's `dataset.yaml` says: how images become inputs, and what an evaluation measures.
public struct DatasetDescription: Sendable, Hashable {
  /// By the input's name.
  public var inputs: [String: ImagePreprocessing] = [:]
  public var metric: Metric?

  public init() {}
}
