package import Diagnostics
package import IR
package import Tensors

/// The discrete Fourier transforms of overlapping, windowed frames of a signal.
///
/// - Inputs: `signal` `[N, length, 1 or 2]`, or `[N, length]` of real numbers, scalar `frame_step`, optional
///   `window` `[frame length]`, optional scalar `frame_length`. Output: `[N, frames, frequencies, 2]`.
/// - Errors: `shape.rank`, `shape.stft`.
/// - Source: ONNX STFT-17.
package struct STFT: TensorOp {
  package static let schema = OpSchema(
    "STFT", versions: [17],
    inputs: [
      .required("signal", "T1"), .required("frame_step", "T2"), .optional("window", "T1"),
      .optional("frame_length", "T2"),
    ],
    outputs: [.required("output", "T1")], types: ["T1": .floats, "T2": .indices])

  package var oneSided: Bool

  package init(oneSided: Bool = true) { self.oneSided = oneSided }

  package init(_ attributes: inout AttributeReader) throws(Diagnostic) {
    oneSided = try attributes.flag("onesided", default: true)
  }

  package var attributes: Attributes { Attributes { $0.flag("onesided", oneSided, default: true) } }

  package func infer(_ context: InferenceContext) throws(Diagnostic) -> [ValueType] {
    let signal = try context.shape(0)
    guard signal.count == 2 || signal.count == 3 else {
      throw Diagnostic("shape.rank", "signal has rank \(signal.count), expected 2 or 3")
    }
    var frame = context.hasInput(3) ? context.contents(3)?.first : nil
    if frame == nil, context.hasInput(2) { frame = try context.shape(2).first }
    if frame == nil, !context.hasInput(3) { frame = signal[1] }
    var frames = context.freshDimension(axis: 1)
    if let frame, let step = context.integers(1)?.first, step > 0 {
      frames = (signal[1] - frame).floorDiv(IndexExpr(step)) + 1
    }
    let bins = frame.map { oneSided ? $0.floorDiv(2) + 1 : $0 } ?? context.freshDimension(axis: 2)
    return [.tensor(try context.element(0), [signal[0], frames, bins, 2])]
  }

  package func evaluate(_ inputs: Operands) throws(Diagnostic) -> [Tensor] {
    let signal = inputs[0]
    guard signal.rank == 2 || signal.rank == 3 && (1...2).contains(signal.shape[2]) else {
      throw Diagnostic(
        "shape.rank", "signal is \(signal.shape), expected [N, length] or [N, length, 1 or 2]")
    }
    let (batch, size) = (signal.shape[0], signal.shape[1])
    let parts = signal.rank == 2 ? 1 : signal.shape[2]
    let window = inputs.optional(2)?.doubles
    let length = inputs.optional(3)?.integers?.first ?? window?.count ?? size
    let step = inputs[1].integers?.first ?? 0
    guard step > 0, length > 0, length <= size, window == nil || window?.count == length else {
      throw Diagnostic(
        "shape.stft",
        "frames of \(length) every \(step) with a window of \(window?.count ?? length) do not fit a signal of \(size)"
      )
    }
    let frames = 1 + (size - length) / step
    let bins = oneSided ? length / 2 + 1 : length
    let transform = FourierTransform(length: length)
    let values = signal.doubles
    var y: [Double] = []
    for n in 0..<batch {
      for frame in 0..<frames {
        let lane = (0..<length).map { k -> (re: Double, im: Double) in
          let place = (n * size + frame * step + k) * parts
          let weight = window?[k] ?? 1
          return (values[place] * weight, parts == 2 ? values[place + 1] * weight : 0)
        }
        for value in transform(lane, count: bins) { y += [value.re, value.im] }
      }
    }
    return [Tensor(doubles: y, shape: [batch, frames, bins, 2], type: signal.type)]
  }
}
