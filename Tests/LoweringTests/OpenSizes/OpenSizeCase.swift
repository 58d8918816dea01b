import IR
import Tensors

/// A graph whose inputs leave sizes open that have to fit each other, with sizes that do and sizes that do not.
struct OpenSizeCase: Sendable, CustomStringConvertible {
  /// Shapes of the inputs that fit, and the first output's shape.
  struct Fit: Sendable {
    let inputs: [[Int]]
    let output: [Int]
  }

  /// Shapes of the inputs that do not fit, the node that says so (nil where passes may find it an input's fault), and the
  /// numbers that it names.
  struct Misfit: Sendable {
    let inputs: [[Int]]
    let node: String?
    let numbers: [Int]
  }

  let name: String
  let fits: [Fit]
  let misfits: [Misfit]
  let build: @Sendable (inout GraphSketch) throws -> [ValueID]

  init(
    _ name: String, fits: [([[Int]], [Int])], misfits: [([[Int]], String?, [Int])],
    _ build: @escaping @Sendable (inout GraphSketch) throws -> [ValueID]
  ) {
    self.name = name
    self.fits = fits.map { Fit(inputs: $0.0, output: $0.1) }
    self.misfits = misfits.map { Misfit(inputs: $0.0, node: $0.1, numbers: $0.2) }
    self.build = build
  }

  var description: String { name }

  func graph() throws -> Graph {
    var sketch = GraphSketch(name)
    sketch.finish(try build(&sketch))
    return sketch.graph
  }

  /// Values of the graph's types in these shapes: small whole numbers, zeros among them.
  static func inputs(_ graph: Graph, _ shapes: [[Int]]) -> [Tensor] {
    zip(graph.inputs, shapes).map { id, shape in
      let type = graph.tensorType(id)?.element ?? .f32
      let values = (0..<shape.elementCount).map { Double($0 * 7 % 5) }
      // Integers are indices, too.
      let elements = type == .i64 ? values.map { $0.truncatingRemainder(dividingBy: 2) } : values
      return Tensor(doubles: elements, shape: shape, type: type)
    }
  }

  // Open dimensions.
  static let n = IndexExpr.symbol("N")
  static let m = IndexExpr.symbol("M")
  static let k = IndexExpr.symbol("K")
  static let l = IndexExpr.symbol("L")

  static let all = broadcasts + products + movements + layers
}
