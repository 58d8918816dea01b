package import Diagnostics
package import IR
package import Tensors

/// `output` is `x` where the condition is true, else `y`, with multidirectional broadcasting of all three.
///
/// - Inputs: `condition`, booleans; `X` and `Y` of one type; shapes that broadcast. Output: the broadcast shape.
/// - Errors: `shape.broadcast`.
/// - Source: ONNX Where-16 (versions 9, 16).
package struct Where: TensorOp, AttributeFree, ContentInferring {
  package static let schema = OpSchema(
    "Where", versions: [9, 16],
    inputs: [.required("condition", "B"), .required("X", "T"), .required("Y", "T")],
    outputs: [.required("output", "T")], types: ["B": .bool, "T": .all])

  package init() {}

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let values = try Broadcasting.shape(try context.shape(1), try context.shape(2))
    let shape = try Broadcasting.shape(try context.shape(0), values)
    return [.tensor(try context.element(1), shape)]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let values = try Broadcasting.shape(inputs[1].shape, inputs[2].shape)
    let shape = try TensorRoom.checked(try Broadcasting.shape(inputs[0].shape, values))
    return [select(inputs[0], inputs[1], inputs[2], shape)]
  }

  /// Selects by bit patterns: only the width of the elements matters.
  private func select(_ condition: Tensor, _ x: Tensor, _ y: Tensor, _ shape: [Int]) -> Tensor {
    let type = x.type
    switch type.bitWidth {
    case 0:
      // Strings are selected by their places in the list of all.
      let first = Tensor((0..<Int64(x.elementCount)).map { $0 }, shape: x.shape)
      let all = x.strings + y.strings
      let second = Tensor((Int64(x.elementCount)..<Int64(all.count)).map { $0 }, shape: y.shape)
      let places = select(condition, first, second, shape, Int64.self)
      return Tensor(strings: places.array(of: Int64.self).map { all[Int($0)] }, shape: shape)
    case 1..<8:
      let codes = select(
        condition, Tensor(x.codes, shape: x.shape), Tensor(y.codes, shape: y.shape), shape,
        UInt8.self)
      return Tensor(codes: codes.codes, shape: shape, type: type)
    case 8: return select(condition, x, y, shape, UInt8.self).reinterpreted(type, shape)
    case 16: return select(condition, x, y, shape, UInt16.self).reinterpreted(type, shape)
    case 32: return select(condition, x, y, shape, UInt32.self).reinterpreted(type, shape)
    case 64: return select(condition, x, y, shape, UInt64.self).reinterpreted(type, shape)
    default:
      // A double complex number is a pair of 64-bit halves.
      let pairs = select(
        condition.reshaped(to: condition.shape + [1]), x.reinterpreted(.u64, x.shape + [2]),
        y.reinterpreted(.u64, y.shape + [2]), shape + [2], UInt64.self)
      return pairs.reinterpreted(type, shape)
    }
  }

  private func select<T: TensorElement>(
    _ condition: Tensor, _ x: Tensor, _ y: Tensor, _ shape: [Int], _: T.Type
  ) -> Tensor {
    condition.withSpan(of: Bool.self) { c in
      x.reinterpreted(T.elementType, x.shape).withSpan(of: T.self) { p in
        y.reinterpreted(T.elementType, y.shape).withSpan(of: T.self) { q in
          Tensor(of: T.self, shape: shape) { result in
            var rows = BroadcastCursor([condition.shape, x.shape, y.shape], target: shape)
            while rows.next() {
              for index in 0..<rows.rowLength {
                let chosen = c[rows.offsets[0] + index * rows.steps[0]]
                result[rows.start + index] =
                  chosen
                  ? p[rows.offsets[1] + index * rows.steps[1]]
                  : q[rows.offsets[2] + index * rows.steps[2]]
              }
            }
          }
        }
      }
    }
  }

  package func inferContents(_ context: InferenceContext) -> [[IndexExpr]?] {
    [
      Broadcasting.contents(context) { elements in
        if elements[1] == elements[2] { return elements[1] }
        guard let condition = elements[0].value else { return nil }
        return condition != 0 ? elements[1] : elements[2]
      }
    ]
  }
}
