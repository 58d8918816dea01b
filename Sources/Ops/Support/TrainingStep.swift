package import Diagnostics
package import IR
import Tensors

/// One iteration of an optimizer on several tensors.
///
/// - Inputs: `R`, the learning rate; `T`, how many updates there have been; the tensors, their gradients, and one or two further lists
///   of tensors that the optimizer keeps. Outputs: the tensors and what is kept, updated.
package protocol TrainingStep: FunctionOp {
  /// How many lists of tensors the optimizer keeps beside the tensors themselves.
  static var keptCount: Int { get }

  /// New values for one tensor.
  ///
  /// - Parameters:
  ///   - rate: `R`, in the type of the tensor.
  ///   - count: `T`, in the type of the tensor.
  ///   - kept: what the optimizer keeps for it.
  func update(
    _ tensor: ValueID, gradient: ValueID, kept: [ValueID], rate: ValueID, count: ValueID,
    _ graph: inout Composer
  ) throws(Diagnostic) -> [ValueID]
}

extension TrainingStep {
  static func form(_ name: String) -> OpSchema {
    OpSchema(
      name, domain: "ai.onnx.preview.training", versions: [1],
      inputs: [.required("R", "T1"), .required("T", "T2"), .variadic("inputs", "T3")],
      outputs: [.variadic("outputs", "T3")],
      types: ["T1": [.f32, .f64], "T2": .i64, "T3": [.f32, .f64]])
  }

  package func compose(_ graph: inout Composer) throws(Diagnostic) -> [ValueID] {
    let lists = 2 + Self.keptCount
    let given = graph.context.inputCount - 2
    guard given > 0, given % lists == 0 else {
      throw Diagnostic(
        "arity.missing-input",
        "\(given) tensors, expected \(lists) for each that is optimized")
    }
    let count = given / lists
    var outputs: [[ValueID]] = []
    for number in 0..<count {
      func input(_ list: Int) throws(Diagnostic) -> ValueID {
        try graph.input(2 + list * count + number)
      }
      let tensor = try input(0)
      var kept: [ValueID] = []
      for list in 2..<lists { kept.append(try input(list)) }
      let gradient = try input(1)
      let rate = try graph.add(CastLike(), try graph.input(0), tensor)
      let updates = try graph.add(CastLike(), try graph.input(1), tensor)
      outputs.append(
        try update(
          tensor, gradient: gradient, kept: kept, rate: rate, count: updates, &graph))
    }
    return (0...Self.keptCount).flatMap { list in outputs.map { $0[list] } }
  }

  /// The gradient of the loss and of `norm / 2 * |tensor|^2`.
  func regularized(
    _ gradient: ValueID, _ tensor: ValueID, _ norm: Double, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let factor = graph.scalar(norm, graph.type(tensor)?.element ?? .f32)
    return try graph.add(Add(), graph.add(Mul(), factor, tensor), gradient)
  }
}
