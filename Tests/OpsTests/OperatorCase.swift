import Diagnostics
import IR
import Tensors

/// One operator applied by hand: what tests of shape rules and reference computations write.
struct OperatorCase {
  /// What is known of an input at compile time.
  enum Input {
    case type(ElementType, [IndexExpr])
    case unranked(ElementType)
    case constant(Tensor)
    /// An `i64` vector of known expressions.
    case contents([IndexExpr])
    case omitted
  }

  let context: InferenceContext

  init(_ inputs: [Input], outputCount: Int = 1) {
    var types: [ValueType?] = []
    var constants: [Tensor?] = []
    var contents: [[IndexExpr]?] = []
    for input in inputs {
      constants.append(nil)
      contents.append(nil)
      switch input {
      case .type(let element, let shape): types.append(.tensor(element, shape))
      case .unranked(let element): types.append(.tensor(TensorType(element, nil)))
      case .constant(let tensor):
        types.append(Value.tensor(tensor).type)
        constants[constants.count - 1] = tensor
      case .contents(let elements):
        types.append(.tensor(.i64, [IndexExpr(elements.count)]))
        contents[contents.count - 1] = elements
      case .omitted: types.append(nil)
      }
    }
    context = InferenceContext(
      types: types, constants: constants, contents: contents, outputCount: outputCount,
      symbolPrefix: "n")
  }

  /// The types of the outputs as text.
  func types(_ op: some Op) throws(Diagnostic) -> [String] {
    try op.infer(context).map(\.description)
  }

  /// The known elements of the first output as text.
  func contents(_ op: some ContentInferring) -> String? {
    op.inferContents(context)[0].map { "\($0)" }
  }
}

/// Runs a reference computation.
func run(_ op: some TensorOp, _ inputs: Tensor?..., outputCount: Int = 1) throws(Diagnostic)
  -> [Tensor]
{
  try op.evaluate(Operands(inputs, outputCount: outputCount))
}

/// The identifier of the diagnostic that `body` throws; empty when it throws none.
func diagnosticID(_ body: () throws(Diagnostic) -> Void) -> String {
  do throws(Diagnostic) {
    try body()
    return ""
  } catch {
    return error.id
  }
}

/// An `i64` vector.
func i64(_ values: Int...) -> Tensor { Tensor(values.map { Int64($0) }, shape: [values.count]) }

/// The `i32` tensor 0, 1, 2, ... of a shape.
func counting(_ shape: Int...) -> Tensor {
  Tensor((0..<Int32(shape.elementCount)).map { $0 }, shape: shape)
}
