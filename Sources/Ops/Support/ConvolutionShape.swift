import Diagnostics
import Tensors

/// The checks on the operands of a convolution that do not depend on its window.
enum ConvolutionShape {
  /// - Throws: `shape.rank`, `attribute.group`, `shape.channel-mismatch`, `shape.bias`.
  static func check(
    x: [IndexExpr], w: [IndexExpr], bias: [IndexExpr]?, group: Int
  ) throws(Diagnostic) {
    guard x.count >= 3, w.count == x.count else {
      throw Diagnostic(
        "shape.rank",
        "input has rank \(x.count) and weight rank \(w.count), expected equal ranks of at least 3")
    }
    guard group >= 1 else {
      throw Diagnostic("attribute.group", "group is \(group), expected at least 1")
    }
    if let filters = w[0].value, filters % group != 0 {
      throw Diagnostic("attribute.group", "\(filters) filters do not divide into \(group) groups")
    }
    if let c = x[1].value, let perGroup = w[1].value {
      let (expected, overflow) = perGroup.multipliedReportingOverflow(by: group)
      guard !overflow, c == expected else {
        throw Diagnostic(
          "shape.channel-mismatch",
          "weight has \(perGroup) input channels, expected 1/\(group) of the \(c) channels of input \(x)"
        )
      }
    }
    try checkBias(bias, filters: w[0])
  }

  /// - Throws: `shape.bias` when the bias is not a vector with one element per filter.
  static func checkBias(_ bias: [IndexExpr]?, filters: IndexExpr) throws(Diagnostic) {
    guard let bias else { return }
    var agrees = bias.count == 1
    if agrees, let found = bias[0].value, let expected = filters.value {
      agrees = found == expected
    }
    guard agrees else {
      throw Diagnostic("shape.bias", "bias has shape \(bias), expected [\(filters)]")
    }
  }
}

extension Tensor {
  /// The shape as expressions, for rules shared with shape inference.
  var symbolicShape: [IndexExpr] { shape.map { IndexExpr($0) } }
}
