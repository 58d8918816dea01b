package import Diagnostics
import Glibc

/// An activation of a recurrent cell with its parameters.
///
/// Source: ONNX LSTM-22, section on activation functions.
package struct RecurrentActivation: Sendable, Hashable {
  package enum Function: String, Sendable, Hashable, CaseIterable {
    case relu
    case tanh
    case sigmoid
    case affine
    case leakyRelu = "leakyrelu"
    case thresholdedRelu = "thresholdedrelu"
    case scaledTanh = "scaledtanh"
    case hardSigmoid = "hardsigmoid"
    case elu
    case softsign
    case softplus
  }

  package let function: Function
  package let alpha: Double
  package let beta: Double

  /// Activations by name, whatever the case, each taking its parameters from the front of the lists.
  ///
  /// - Throws: `attribute.activation` for an unknown name.
  package static func list(
    _ names: [String], alphas: [Double]?, betas: [Double]?
  ) throws(Diagnostic) -> [RecurrentActivation] {
    var alphas = (alphas ?? [])[...]
    var betas = (betas ?? [])[...]
    var result: [RecurrentActivation] = []
    for name in names {
      guard let function = Function(rawValue: name.lowercased()) else {
        throw Diagnostic(
          "attribute.activation", "'\(name)' is not an activation of recurrent cells")
      }
      let (alpha, beta) = Self.parameters(of: function)
      result.append(
        RecurrentActivation(
          function: function, alpha: alpha.map { alphas.popFirst() ?? $0 } ?? 0,
          beta: beta.map { betas.popFirst() ?? $0 } ?? 0))
    }
    return result
  }

  /// The default parameters of a function; nil for those it does not have.
  private static func parameters(of function: Function) -> (alpha: Double?, beta: Double?) {
    switch function {
    case .affine, .scaledTanh: (1, function == .affine ? 0 : 1)
    case .leakyRelu: (0.01, nil)
    case .thresholdedRelu, .elu: (1, nil)
    case .hardSigmoid: (0.2, 0.5)
    default: (nil, nil)
    }
  }

  package func callAsFunction(_ x: Double) -> Double {
    switch function {
    case .relu: max(x, 0)
    case .tanh: Glibc.tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .affine: alpha * x + beta
    case .leakyRelu: x < 0 ? alpha * x : x
    case .thresholdedRelu: x >= alpha ? x : 0
    case .scaledTanh: alpha * Glibc.tanh(beta * x)
    case .hardSigmoid: max(0, min(1, alpha * x + beta))
    case .elu: x < 0 ? alpha * expm1(x) : x
    case .softsign: x / (1 + x.magnitude)
    case .softplus: log1p(exp(-x.magnitude)) + max(x, 0)
    }
  }
}
