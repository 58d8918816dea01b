package import Diagnostics
package import IR
package import Tensors

/// Einstein's summation: products of elements, summed over every label that the result leaves out.
///
/// - Inputs: any number of tensors of one type; integers wrap. Output: the result of the equation, such as
///   `bij,bjk->bik`; without a result it keeps the labels that occur once, in alphabetical order.
/// - Errors: `attribute.equation`, `shape.broadcast`.
/// - Source: ONNX Einsum-12 (version 28 adds bf16); NumPy's `einsum`.
package struct Einsum: TensorOp {
  package static let schema = OpSchema(
    "Einsum", versions: [12, 28], inputs: [.variadic("Inputs", "T")],
    outputs: [.required("Output", "T")], types: ["T": .numeric])

  package var equation: String

  package init(equation: String) { self.equation = equation }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    guard let text = try attributes.optionalString("equation") else {
      throw attributes.missing("equation")
    }
    equation = text
  }

  package var attributes: Attributes { Attributes { $0.string("equation", equation) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    var shapes: [[IndexExpr]] = []
    for index in 0..<context.inputCount { shapes.append(try context.shape(index)) }
    let parsed = try EinsumEquation(equation, ranks: shapes.map(\.count))
    let dimensions = try parsed.dimensions(shapes)
    return [.tensor(try context.element(0), parsed.result.map { dimensions[$0] ?? 1 })]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let tensors = inputs.variadic()
    let parsed = try EinsumEquation(equation, ranks: tensors.map(\.rank))
    let dimensions = try parsed.dimensions(tensors.map(\.symbolicShape))
    let result = parsed.result
    var summed: [EinsumEquation.Label] = []
    for label in parsed.operands.joined() where !result.contains(label) && !summed.contains(label) {
      summed.append(label)
    }
    let shape = result.map { dimensions[$0]?.constant ?? 1 }
    let depth = summed.map { dimensions[$0]?.constant ?? 1 }
    // Where each operand stands for every element of the result, and for every term of its sum.
    var bases: [[Int]] = []
    var steps: [[Int]] = []
    for (labels, tensor) in zip(parsed.operands, tensors) {
      bases.append(Offsets.all(shape, strides: Self.strides(result, labels, tensor.shape)))
      steps.append(Offsets.all(depth, strides: Self.strides(summed, labels, tensor.shape)))
    }
    let type = tensors[0].type
    if type.isInteger {
      let y = Self.contract(tensors.map { $0.integers ?? [] }, bases, steps, 0, 1, &+, &*)
      return [Tensor(integers: y, shape: shape, type: type)]
    }
    let y = Self.contract(tensors.map(\.doubles), bases, steps, 0.0, 1.0, +, *)
    return [Tensor(doubles: y, shape: shape, type: type)]
  }

  /// The strides of an operand along `axes`; an axis that it does not have, or has once, stands still.
  private static func strides(
    _ axes: [EinsumEquation.Label], _ labels: [EinsumEquation.Label], _ shape: [Int]
  ) -> [Int] {
    let own = shape.rowMajorStrides
    return axes.map { axis in
      labels.indices.reduce(0) { sum, index in
        labels[index] == axis && shape[index] != 1 ? sum + own[index] : sum
      }
    }
  }

  @inline(__always)
  private static func contract<T>(
    _ values: [[T]], _ bases: [[Int]], _ steps: [[Int]], _ zero: T, _ one: T,
    _ add: (T, T) -> T, _ multiply: (T, T) -> T
  ) -> [T] {
    let terms = steps[0].count
    return bases[0].indices.map { element in
      var sum = zero
      for term in 0..<terms {
        var product = one
        for operand in values.indices {
          let place = bases[operand][element] + steps[operand][term]
          product = multiply(product, values[operand][place])
        }
        sum = add(sum, product)
      }
      return sum
    }
  }
}
