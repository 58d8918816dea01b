/// What an evaluation measures.
public enum Metric: String, Sendable, Hashable, CaseIterable {
  /// The share of samples whose highest output is the label.
  case top1
  /// The share of samples whose label is among the five highest outputs.
  case top5
  /// The mean squared difference to the labels.
  case mse
  /// The mean cosine similarity to the labels.
  case cosine
  /// The intersection with the labels over the union.
  case iou
  /// The share of samples whose highest output is that of the float model; needs no labels.
  case agreement
}
