package import Diagnostics
package import IR
import Tensors

/// One step of ADAGRAD: `g = norm * X + G`, `H' = H + g^2`, `X' = X - R / (1 + T * decay) * g / (sqrt(H') + epsilon)`.
///
/// - Inputs: `R`, `T`, then all `X`, all gradients `G` and all sums `H` of squares. Outputs: all `X'`, all `H'`.
/// - Attributes: `norm_coefficient` and `decay_factor`, 0 by default; `epsilon`, 1e-6 by default.
/// - Errors: `arity.missing-input`, `shape.broadcast`.
/// - Source: ONNX Adagrad-1 of the domain ai.onnx.preview.training; Duchi et al. 2011, JMLR 12.
package struct Adagrad: TrainingStep {
  package static let schema = form("Adagrad")
  package static let keptCount = 1

  package let norm: Double
  package let decay: Double
  package let epsilon: Double
  private static let standardEpsilon = Double(Float(1e-6))

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    norm = try attributes.float("norm_coefficient", default: 0)
    decay = try attributes.float("decay_factor", default: 0)
    epsilon = try attributes.float("epsilon", default: Self.standardEpsilon)
  }

  package var attributes: Attributes {
    Attributes {
      $0.float("norm_coefficient", norm, default: 0)
      $0.float("decay_factor", decay, default: 0)
      $0.float("epsilon", epsilon, default: Self.standardEpsilon)
    }
  }

  package func update(
    _ tensor: ValueID, gradient: ValueID, kept: [ValueID], rate: ValueID, count: ValueID,
    _ graph: inout Composer
  ) throws(Diagnostic) -> [ValueID] {
    let element = graph.type(tensor)?.element ?? .f32
    let slope = try regularized(gradient, tensor, norm, &graph)
    let decayed = try graph.add(Mul(), count, graph.scalar(decay, element))
    let pace = try graph.add(
      Div(), rate, graph.add(Add(), graph.scalar(1, element), decayed))
    let squares = try graph.add(Add(), kept[0], graph.add(Mul(), slope, slope))
    let divisor = try graph.add(
      Add(), graph.add(Sqrt(), squares), graph.scalar(epsilon, element))
    let step = try graph.add(Div(), graph.add(Mul(), pace, slope), divisor)
    return [try graph.add(Sub(), tensor, step), squares]
  }
}
