package import Diagnostics
package import IR
import Tensors

/// Frames are gathered, weighted by the window and transformed, for lengths that are known.
extension STFT: Composed {
  private static let mostElements = 1 << 22

  package func composition(_ context: InferenceContext) throws(Diagnostic) -> Graph? {
    var graph = Composer(context)
    var signal = try graph.input(0)
    let shape = try graph.shape(signal)
    if shape.count == 2 { signal = try graph.add(Unsqueeze(), signal, graph.integers([2])) }
    guard (2...3).contains(shape.count), let size = shape[1].value,
      let step = context.integers(1)?.first,
      step > 0
    else { return nil }
    var length = size
    if context.hasInput(3) {
      guard let given = context.integers(3)?.first else { return nil }
      length = given
    } else if let window = graph.optional(2) {
      guard let given = try graph.shape(window).first?.value else { return nil }
      length = given
    }
    guard length > 0, length <= size else { return nil }
    let frames = 1 + (size - length) / step
    guard [frames, length].checkedElementCount ?? .max <= Self.mostElements else { return nil }
    let places = (0..<frames).flatMap { frame in
      (0..<length).map { Int64(frame * step + $0) }
    }
    var cut = try graph.add(
      Gather(axis: 1), signal, graph.constant(Tensor(places, shape: [frames, length])))
    if let window = graph.optional(2) {
      cut = try graph.add(
        Mul(), cut, graph.add(Reshape(), window, graph.integers([length, 1])))
    }
    let axis = graph.constant(Tensor(scalar: Int64(2)))
    let output = try graph.add(DFT(oneSided: oneSided), cut, nil, axis)
    return graph.finish([output])
  }
}
