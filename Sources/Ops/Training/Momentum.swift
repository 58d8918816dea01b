package import Diagnostics
package import IR
import Tensors

/// One step of gradient descent with momentum: `g = norm * X + G`, `V' = alpha * V + (T > 0 ? beta : 1) * g`, and
/// `X' = X - R * V'`, or `X' = X - R * (g + alpha * V')` in the mode nesterov.
///
/// - Inputs: `R`, `T`, then all `X`, all gradients `G` and all momenta `V`. Outputs: all `X'`, all `V'`.
/// - Attributes: `alpha`, `beta`, `norm_coefficient` and `mode`, standard or nesterov; all required.
/// - Errors: `attribute.missing`, `arity.missing-input`, `shape.broadcast`.
/// - Source: ONNX Momentum-1 of the domain ai.onnx.preview.training.
package struct Momentum: TrainingStep {
  package static let schema = form("Momentum")
  package static let keptCount = 1

  package let alpha: Double
  package let beta: Double
  package let norm: Double
  package let isNesterov: Bool

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    func required(_ name: String) throws(Diagnostic) -> Double {
      guard let value = try attributes.optionalFloat(name) else { throw attributes.missing(name) }
      return value
    }
    alpha = try required("alpha")
    beta = try required("beta")
    norm = try required("norm_coefficient")
    guard let mode = try attributes.optionalString("mode", oneOf: ["standard", "nesterov"]) else {
      throw attributes.missing("mode")
    }
    isNesterov = mode == "nesterov"
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("alpha", alpha)
      $0.float("beta", beta)
      $0.float("norm_coefficient", norm)
      $0.string("mode", isNesterov ? "nesterov" : "standard")
    }
  }

  package func update(
    _ tensor: ValueID, gradient: ValueID, kept: [ValueID], rate: ValueID, count: ValueID,
    _ graph: inout Composer
  ) throws(Diagnostic) -> [ValueID] {
    let element = graph.type(tensor)?.element ?? .f32
    let slope = try regularized(gradient, tensor, norm, &graph)
    let isLater = try graph.add(Greater(), count, graph.scalar(0, element))
    let weight = try graph.add(
      Where(), isLater, graph.scalar(beta, element), graph.scalar(1, element))
    let factor = graph.scalar(alpha, element)
    let momentum = try graph.add(
      Add(), graph.add(Mul(), factor, kept[0]), graph.add(Mul(), weight, slope))
    let direction =
      isNesterov
      ? try graph.add(Add(), slope, graph.add(Mul(), factor, momentum)) : momentum
    return [try graph.add(Sub(), tensor, graph.add(Mul(), rate, direction)), momentum]
  }
}
