package import Diagnostics
package import IR
package import Tensors

/// An operator that slides a window over every channel by itself: `[N, C, D1...Dn]` to `[N, C, O1...On]`.
package protocol PoolOp: TensorOp {
  var window: WindowAttributes { get }
}

extension PoolOp {
  /// The resolved window over the spatial axes of `x`.
  ///
  /// - Throws: `shape.rank` when there is no spatial axis, `attribute.count`, `shape.window`.
  package func geometry(x: [IndexExpr]) throws(Diagnostic) -> WindowGeometry {
    guard x.count >= 3 else {
      throw Diagnostic("shape.rank", "input has rank \(x.count), expected at least 3")
    }
    let kernel = try window.poolKernel(rank: x.count - 2)
    return try window.geometry(input: Array(x.dropFirst(2)), kernel: kernel)
  }

  /// The shape of the output.
  package func outputShape(x: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    Array(x.prefix(2)) + (try geometry(x: x)).output
  }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    [.tensor(try context.element(0), try outputShape(x: try context.shape(0)))]
  }
}

/// A pool whose sizes are all numbers.
struct PoolProblem {
  let axes: [StaticWindowAxis]
  let outputShape: [Int]
  let inputPlane: Int
  private let planes: Int
  /// For every output position of the axes before the last: the input rows in its window, as offsets into a plane.
  private let rows: [[Int]]
  /// For every output position of the last axis: the input columns in its window.
  private let columns: [[Int]]

  init(x: [Int], geometry: WindowGeometry) throws(Diagnostic) {
    axes = try geometry.resolved()
    outputShape = Array(x.prefix(2)) + axes.map(\.output)
    planes = x[0] * x[1]
    inputPlane = axes.reduce(1) { $0 * $1.input }
    let strides = axes.map(\.input).rowMajorStrides
    let outer = Array(axes.dropLast())
    rows = GridPositions(outer.map(\.output)).map { output in
      var offsets = [0]
      for axis in outer.indices {
        let taps = outer[axis].taps(output[axis])
        offsets = offsets.flatMap { offset in taps.map { offset + $0 * strides[axis] } }
      }
      return offsets
    }
    columns = axes.last.map { last in (0..<last.output).map { last.taps($0) } } ?? []
  }

  /// Calls `body` for every output in row-major order with its index, the start of its plane, and the rows and
  /// columns of its window that lie inside the input.
  @inline(__always)
  func forEachWindow(_ body: (Int, Int, [Int], [Int]) -> Void) {
    var output = 0
    for plane in 0..<planes {
      for row in rows {
        for column in columns {
          body(output, plane * inputPlane, row, column)
          output += 1
        }
      }
    }
  }

  /// For every output position of one plane: the window's elements inside the input and its padding.
  func paddedCounts() -> [Int] {
    GridPositions(axes.map(\.output)).map { output in
      zip(axes, output).reduce(1) { $0 * $1.0.paddedTapCount($1.1) }
    }
  }
}
