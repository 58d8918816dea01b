package import Diagnostics
import IR
package import Loops
package import Tensors

extension NodeLowering {
  /// Launches a kernel that visits every position of `shape` once, in scalar code: for bodies whose control flow
  /// depends on data.
  package func forEach(
    _ family: String, _ shape: [IndexExpr], work: IndexExpr = 0,
    _ body: (KernelBuilder, [IndexExpr]) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) {
    let builder = builder()
    let statements = try Nest.axes(shape, .parallel, builder) { position throws(Diagnostic) in
      try body(builder, position)
    }
    launch(family, builder, statements, work: work)
  }

  /// Whether a dimension is a symbol that neither the inputs' shapes nor an earlier step give a value.
  package func isUndefined(_ dimension: IndexExpr) -> Bool {
    guard let symbol = dimension.asSymbol else { return false }
    return !session.program.knownSymbols.contains(symbol)
  }

  /// The elements of an integer input as expressions of sizes that are known by now; nil where they are others.
  package func contents(_ index: Int) -> [IndexExpr]? {
    inference.contents(index).flatMap { session.areKnown($0) ? $0 : nil }
  }

  /// Gives a dimension that is only known at run time its value; a negative one becomes 0.
  ///
  /// Dimensions that have a value already keep it, whatever `count` would say.
  ///
  /// - Parameter count: the statements that compute the dimension, and the dimension as an `i64`.
  package func define(
    _ dimension: IndexExpr,
    _ count: (KernelBuilder) throws(Diagnostic) -> (statements: [Statement], value: Expr)
  ) throws(Diagnostic) {
    guard let symbol = dimension.asSymbol, isUndefined(dimension) else { return }
    let place = temporary(.i64, [1])
    let builder = builder()
    let (statements, value) = try count(builder)
    // The parameter that holds the dimension must be the last.
    let store = builder.view(place, isWritten: true).store(value.atLeast(0), at: [0])
    launch("dimension", builder, statements + [store], defines: symbol)
  }

  /// Gives the dimensions of the output that are not known yet the values of others; those that are known are compared.
  ///
  /// - Throws: `shape.mismatch` when they are known to differ.
  package func define(_ shape: [IndexExpr]) throws(Diagnostic) {
    for (axis, (dimension, known)) in zip(try outputShape(), shape).enumerated() {
      if isUndefined(dimension) {
        try define(dimension) { _ in ([], .index(known)) }
      } else {
        try require("dimension \(axis) of the result", known, .equal, dimension)
      }
    }
  }

  /// Gives every dimension of a shape its value from the elements of an integer vector.
  package func define(_ shape: [IndexExpr], from input: Int) throws(Diagnostic) {
    for (axis, dimension) in shape.enumerated() where isUndefined(dimension) {
      let vector = try vector(input, count: shape.count)
      try define(dimension) { builder in
        ([], builder.view(vector).load([IndexExpr(axis)]).converted(to: .i64))
      }
    }
  }
}
