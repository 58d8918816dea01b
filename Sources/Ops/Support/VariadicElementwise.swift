package import Diagnostics
package import IR
package import Tensors

/// An operator that folds any number of tensors of one type, element by element, with multidirectional broadcasting.
package protocol VariadicElementwise: BinaryElementwise {
  /// The result, once all `count` tensors have been folded.
  func finish(_ folded: Tensor, count: Int) -> Tensor
}

extension VariadicElementwise {
  package func finish(_ folded: Tensor, count: Int) -> Tensor { folded }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shape = try context.shape(0)
    for index in 1..<max(context.inputCount, 1) {
      shape = try Broadcasting.shape(shape, try context.shape(index))
    }
    return [.tensor(try context.element(0), shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let type = inputs[0].type
    // Short floats are folded in single precision, so that they round once.
    let isShort = type == .f16 || type == .bf16
    let operands = inputs.variadic().map { isShort ? $0.converted(to: .f32) : $0 }
    var folded = operands[0]
    for operand in operands.dropFirst() { folded = try combine(folded, operand) }
    let result = finish(folded, count: operands.count)
    return [isShort ? result.converted(to: type) : result]
  }
}
