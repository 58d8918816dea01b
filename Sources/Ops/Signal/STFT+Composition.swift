package import Diagnostics
package import IR
import Tensors

/// Frames are gathered, weighted by the window and transformed; where that is open, the model computes where they lie.
extension STFT: Composed {
  private static let mostElements = 1 << 22

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    var signal = try graph.input(0)
    let shape = try graph.shape(signal)
    guard (2...3).contains(shape.count) else { return nil }
    if shape.count == 2 { signal = try graph.add(Unsqueeze(), signal, graph.integers([2])) }
    var length = shape[1].value
    if context.hasInput(3) {
      length = context.integers(3)?.first
    } else if let window = graph.optional(2) {
      length = try graph.shape(window).first?.value
    }
    let places: ValueID
    if let length, let size = shape[1].value, let step = context.integers(1)?.first {
      guard step > 0, length > 0, length <= size else { return nil }
      let frames = 1 + (size - length) / step
      guard [frames, length].checkedElementCount ?? .max <= Self.mostElements else { return nil }
      let numbers = (0..<frames).flatMap { frame in
        (0..<length).map { Int64(frame * step + $0) }
      }
      places = graph.constant(Tensor(numbers, shape: [frames, length]))
    } else {
      places = try computedPlaces(length, &graph)
    }
    var cut = try graph.add(Gather(axis: 1), signal, places)
    if let window = graph.optional(2) {
      let column = graph.integers([length ?? -1, 1])
      cut = try graph.add(Mul(), cut, graph.add(Reshape(), window, column))
    }
    let output = try graph.add(DFT(oneSided: oneSided), cut, nil, graph.number(2))
    return graph.finish([output])
  }

  /// Where the elements of frames lie in the signal, `i64[frames, length]`.
  private func computedPlaces(
    _ known: Int?, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let size = try graph.size(of: try graph.input(0), axis: 1)
    var length = size
    if let known {
      length = graph.number(known)
    } else if let given = graph.optional(3) {
      length = try graph.add(Cast(to: .i64), graph.add(Reshape(), given, graph.integers([])))
    } else if let window = graph.optional(2) {
      length = try graph.size(of: window, axis: 0)
    }
    let step = try graph.add(
      Cast(to: .i64), graph.add(Reshape(), try graph.input(1), graph.integers([])))
    let end = try graph.add(Add(), graph.add(Sub(), size, length), graph.number(1))
    let starts = try graph.add(RangeOp(), graph.number(0), end, step)
    let places = try graph.add(
      Add(), graph.add(Unsqueeze(), starts, graph.integers([1])), graph.counting(to: length))
    // A frame longer than the signal is an error, not a result without frames.
    return try graph.demand(graph.add(LessOrEqual(), length, size), of: places)
  }
}
