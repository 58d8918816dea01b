package import Diagnostics
package import IR
import Tensors

/// One step of Adam: `g = norm * X + G`, `V' = alpha * V + (1 - alpha) * g`, `H' = beta * H + (1 - beta) * g^2`,
/// `X' = (1 - norm_post) * (X - r * V' / (sqrt(H') + epsilon))`, where `r = R * sqrt(1 - beta^T) / (1 - alpha^T)`, and `R` for `T = 0`.
///
/// - Inputs: `R`, `T`, then all `X`, all gradients `G`, all averages `V` and all averages `H`. Outputs: all `X'`, `V'` and `H'`.
/// - Attributes: `alpha` (default 0.9), `beta` (0.999), `epsilon` (1e-6), `norm_coefficient` and `norm_coefficient_post` (0).
/// - Errors: `arity.missing-input`, `shape.broadcast`.
/// - Source: ONNX Adam-1 of the domain ai.onnx.preview.training; Kingma and Ba 2015, arXiv:1412.6980.
package struct Adam: TrainingStep {
  package static let schema = form("Adam")
  package static let keptCount = 2

  package let alpha: Double
  package let beta: Double
  package let epsilon: Double
  package let norm: Double
  package let normAfter: Double
  private static let standardAlpha = Double(Float(0.9))
  private static let standardBeta = Double(Float(0.999))
  private static let standardEpsilon = Double(Float(1e-6))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    alpha = try attributes.float("alpha", default: Self.standardAlpha)
    beta = try attributes.float("beta", default: Self.standardBeta)
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
    norm = try attributes.float("norm_coefficient", default: 0)
    normAfter = try attributes.float("norm_coefficient_post", default: 0)
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha, default: Self.standardAlpha)
      $0.float("beta", beta, default: Self.standardBeta)
      $0.float("epsilon", epsilon, default: Self.standardEpsilon)
      $0.float("norm_coefficient", norm, default: 0)
      $0.float("norm_coefficient_post", normAfter, default: 0)
    }
  }

  package func update(
    _ tensor: ValueID, gradient: ValueID, kept: [ValueID], rate: ValueID, count: ValueID,
    _ graph: inout Composer
  ) throws(Diagnostic) -> [ValueID] {
    let element = graph.type(tensor)?.element ?? .f32
    let one = graph.scalar(1, element)
    let slope = try regularized(gradient, tensor, norm, &graph)
    let first = try average(kept[0], slope, alpha, element, &graph)
    let second = try average(kept[1], graph.add(Mul(), slope, slope), beta, element, &graph)
    let rest = { (graph: inout Composer, base: Double) throws(Diagnostic) in
      try graph.add(Sub(), one, graph.add(Pow(), graph.scalar(base, element), count))
    }
    let corrected = try graph.add(
      Div(), graph.add(Mul(), rate, graph.add(Sqrt(), rest(&graph, beta))), rest(&graph, alpha))
    let isLater = try graph.add(Greater(), count, graph.scalar(0, element))
    let pace = try graph.add(Where(), isLater, corrected, rate)
    let divisor = try graph.add(
      Add(), graph.add(Sqrt(), second), graph.scalar(epsilon, element))
    let step = try graph.add(Div(), graph.add(Mul(), pace, first), divisor)
    var updated = try graph.add(Sub(), tensor, step)
    if normAfter != 0 {
      updated = try graph.add(Mul(), graph.scalar(1 - normAfter, element), updated)
    }
    return [updated, first, second]
  }

  private func average(
    _ old: ValueID, _ new: ValueID, _ weight: Double, _ element: ElementType,
    _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    try graph.add(
      Add(), graph.add(Mul(), graph.scalar(weight, element), old),
      graph.add(Mul(), graph.scalar(1 - weight, element), new))
  }
}
