import Diagnostics
import IR

/// What onnxruntime's attentions have in common: heads, who sees whom, and what scores are multiplied by and get added.
struct ContributedHeads: Sendable {
  let count: Int
  /// What hidden keys' scores get added.
  let filter: Double
  private let isCausal: Bool
  /// The factor of products of queries and keys; nil for the standard one, which 0 means too.
  private let scale: Double?

  /// - Throws: `attribute.missing`.
  init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let count = try attributes.optionalInt("num_heads") else {
      throw attributes.missing("num_heads")
    }
    self.count = count
    isCausal = try attributes.flag("unidirectional")
    scale = try attributes.optionalFloat("scale").flatMap { $0 == 0 ? nil : $0 }
    filter = try attributes.float("mask_filter_value", default: Self.standardFilter)
  }

  private static let standardFilter = -10000.0

  func store(_ attributes: inout Attributes) {
    attributes.int("num_heads", count)
    attributes.flag("unidirectional", isCausal)
    attributes.float("scale", scale)
    attributes.float("mask_filter_value", filter, default: Self.standardFilter)
  }

  /// The standard's operator.
  var attention: Attention {
    Attention(isCausal: isCausal, queryHeads: count, keyHeads: count, scale: scale)
  }
}
