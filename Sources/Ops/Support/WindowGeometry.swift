package import Diagnostics
package import Tensors

/// Where a sliding window lies along one spatial axis, with everything an attribute may leave open resolved.
///
/// Output position `o` reads (a transposed convolution: writes) positions `o * stride - padBegin + k * dilation` for
/// `k` in `0..<kernel`, where those lie in `0..<input`.
package struct WindowAxis: Sendable, Hashable {
  package let input: IndexExpr
  package let kernel: IndexExpr
  package let stride: Int
  package let dilation: Int
  package let padBegin: IndexExpr
  package let padEnd: IndexExpr
  package let output: IndexExpr

  package init(
    input: IndexExpr, kernel: IndexExpr, stride: Int, dilation: Int, padBegin: IndexExpr,
    padEnd: IndexExpr, output: IndexExpr
  ) {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padBegin = padBegin
    self.padEnd = padEnd
    self.output = output
  }

  /// Positions that the dilated window spans.
  package var extent: IndexExpr { (kernel - 1) * IndexExpr(dilation) + 1 }

  /// The same axis in numbers; nil while anything is symbolic.
  package var numbers: StaticWindowAxis? {
    guard let input = input.value, let kernel = kernel.value, let begin = padBegin.value,
      let end = padEnd.value, let output = output.value
    else { return nil }
    return StaticWindowAxis(
      input: input, kernel: kernel, stride: stride, dilation: dilation, padBegin: begin,
      padEnd: end, output: output)
  }
}

/// A `WindowAxis` whose sizes are all numbers.
package struct StaticWindowAxis: Sendable, Hashable {
  package let input: Int
  package let kernel: Int
  package let stride: Int
  package let dilation: Int
  package let padBegin: Int
  package let padEnd: Int
  package let output: Int

  package init(
    input: Int, kernel: Int, stride: Int, dilation: Int, padBegin: Int, padEnd: Int, output: Int
  ) {
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padBegin = padBegin
    self.padEnd = padEnd
    self.output = output
  }

  /// The input position that output `o` reads with kernel element `k`; may lie outside the input.
  @inline(__always)
  package func position(_ o: Int, _ k: Int) -> Int { o * stride - padBegin + k * dilation }

  /// The outputs whose kernel element `k` lies inside the input.
  package func outputs(inside k: Int) -> Range<Int> {
    let shift = padBegin - k * dilation
    // o * stride >= shift and o * stride < input + shift
    let low = min(output, max(0, Self.ceilDiv(shift, stride)))
    let high = max(low, min(output, Self.ceilDiv(input + shift, stride)))
    return low..<high
  }

  /// The kernel elements of output `o` that lie inside the input, as input positions.
  package func taps(_ o: Int) -> [Int] {
    (0..<kernel).map { position(o, $0) }.filter { $0 >= 0 && $0 < input }
  }

  /// How many kernel elements of output `o` lie inside the input and its padding.
  package func paddedTapCount(_ o: Int) -> Int {
    (0..<kernel).count { position(o, $0) < input + padEnd }
  }

  private static func ceilDiv(_ a: Int, _ b: Int) -> Int {
    a >= 0 ? (a + b - 1) / b : -(-a / b)
  }
}

/// A sliding window along all spatial axes: what convolutions, transposed convolutions and pools share.
package struct WindowGeometry: Sendable, Hashable {
  package let axes: [WindowAxis]

  package init(axes: [WindowAxis]) { self.axes = axes }

  package var output: [IndexExpr] { axes.map(\.output) }

  /// All axes in numbers; nil while anything is symbolic.
  package var numbers: [StaticWindowAxis]? {
    let known = axes.compactMap(\.numbers)
    return known.count == axes.count ? known : nil
  }

  /// All axes in numbers, for operands that exist.
  ///
  /// - Throws: an internal diagnostic when an axis is symbolic.
  package func resolved() throws(Diagnostic) -> [StaticWindowAxis] {
    guard let numbers else {
      throw .internal("shape.symbolic-operand", "window of a tensor has symbolic sizes")
    }
    return numbers
  }

  /// Whether every window is the single input element at the output's own place.
  package var isPointwise: Bool {
    axes.allSatisfy {
      $0.kernel == 1 && $0.stride == 1 && $0.padBegin == 0 && $0.padEnd == 0
    }
  }
}
