package import Diagnostics
package import IR
package import Tensors

/// How padding is chosen when an operator does not state it.
package enum AutoPad: String, Sendable, Hashable, CaseIterable {
  /// The attribute `pads` says it.
  case notSet = "NOTSET"
  /// As much as keeps `output == ceil(input / stride)`, the odd element at the end.
  case sameUpper = "SAME_UPPER"
  /// The same, the odd element at the beginning.
  case sameLower = "SAME_LOWER"
  /// None.
  case valid = "VALID"
}

/// The attributes that place a sliding window, as files state them: nil where left out.
package struct WindowAttributes: Sendable, Hashable {
  package var kernelShape: [Int]?
  package var strides: [Int]?
  package var dilations: [Int]?
  /// All beginnings, then all ends.
  package var pads: [Int]?
  package var autoPad: AutoPad
  package var ceilMode: Bool

  package init(
    kernelShape: [Int]? = nil, strides: [Int]? = nil, dilations: [Int]? = nil, pads: [Int]? = nil,
    autoPad: AutoPad = .notSet, ceilMode: Bool = false
  ) {
    self.kernelShape = kernelShape
    self.strides = strides
    self.dilations = dilations
    self.pads = pads
    self.autoPad = autoPad
    self.ceilMode = ceilMode
  }

  /// - Throws: `attribute.value` when a stride, a dilation or a kernel size is below 1, a pad below 0 or anything
  ///   beyond 2^31 - 1.
  package init(_ reader: inout AttributeReader) throws(Diagnostic) {
    self.init()
    kernelShape = try Self.sizes(&reader, "kernel_shape", atLeast: 1)
    strides = try Self.sizes(&reader, "strides", atLeast: 1)
    dilations = try Self.sizes(&reader, "dilations", atLeast: 1)
    pads = try Self.sizes(&reader, "pads", atLeast: 0)
    let choice = try reader.string(
      "auto_pad", default: "NOTSET", oneOf: AutoPad.allCases.map(\.rawValue))
    autoPad = AutoPad(rawValue: choice) ?? .notSet
  }

  /// A list of sizes, each at least `least` and at most 2^31 - 1; nil where left out.
  static func sizes(
    _ reader: inout AttributeReader, _ name: String, atLeast least: Int
  ) throws(Diagnostic) -> [Int]? {
    guard let values = try reader.ints(name), !values.isEmpty else { return nil }
    for value in values where value < least || value > Int(Int32.max) {
      throw Diagnostic(
        "attribute.value",
        "attribute '\(name)' is \(values), expected every element in \(least)...\(Int32.max)")
    }
    return values
  }

  package func write(to attributes: inout Attributes) {
    attributes.ints("kernel_shape", kernelShape)
    attributes.ints("strides", strides)
    attributes.ints("dilations", dilations)
    attributes.ints("pads", pads)
    attributes.string("auto_pad", autoPad.rawValue, default: "NOTSET")
  }

  /// `values`, which must be `count`, or that many times the default.
  func list(
    _ values: [Int]?, _ name: String, count: Int, default standard: Int
  ) throws(Diagnostic) -> [Int] {
    guard let values else { return Array(repeating: standard, count: count) }
    guard values.count == count else {
      throw Diagnostic(
        "attribute.count", "attribute '\(name)' has \(values.count) elements, expected \(count)")
    }
    return values
  }

  package func strides(rank: Int) throws(Diagnostic) -> [Int] {
    try list(strides, "strides", count: rank, default: 1)
  }

  package func dilations(rank: Int) throws(Diagnostic) -> [Int] {
    try list(dilations, "dilations", count: rank, default: 1)
  }

  package func pads(rank: Int) throws(Diagnostic) -> [Int] {
    try list(pads, "pads", count: 2 * rank, default: 0)
  }

  /// The kernel of an operator whose weight has the spatial dimensions `weight`.
  ///
  /// - Throws: `shape.kernel` when `kernel_shape` says something else.
  package func kernel(weight: [IndexExpr]) throws(Diagnostic) -> [IndexExpr] {
    guard let kernelShape else { return weight }
    let agrees =
      kernelShape.count == weight.count
      && zip(kernelShape, weight).allSatisfy { $1.value == nil || $1.value == $0 }
    guard agrees else {
      throw Diagnostic(
        "shape.kernel", "kernel_shape is \(kernelShape), but the weight's kernel is \(weight)")
    }
    return kernelShape.map { IndexExpr($0) }
  }

  /// The kernel of a pool over `rank` spatial axes.
  ///
  /// - Throws: `attribute.missing`, `attribute.count`.
  package func poolKernel(rank: Int) throws(Diagnostic) -> [IndexExpr] {
    guard let kernelShape else {
      throw Diagnostic("attribute.missing", "attribute 'kernel_shape' is missing")
    }
    return try list(kernelShape, "kernel_shape", count: rank, default: 1).map { IndexExpr($0) }
  }

  /// Resolves everything for a window that slides over `input`.
  ///
  /// Sizes follow ONNX Conv-22 and MaxPool-22: `floor` or, with `ceil_mode`, `ceil` of
  /// `(input + pads - extent) / stride` plus one, where a last window that would start in the padding behind the input
  /// is left out.
  ///
  /// - Throws: `attribute.count`, `shape.window` when a window is larger than the padded input.
  package func geometry(
    input: [IndexExpr], kernel: [IndexExpr]
  ) throws(Diagnostic) -> WindowGeometry {
    let rank = input.count
    let strides = try strides(rank: rank)
    let dilations = try dilations(rank: rank)
    let pads = autoPad == .notSet ? try pads(rank: rank) : Array(repeating: 0, count: 2 * rank)
    var axes: [WindowAxis] = []
    for axis in 0..<rank {
      axes.append(
        try resolve(
          input[axis], kernel[axis], strides[axis], dilations[axis],
          IndexExpr(pads[axis]), IndexExpr(pads[rank + axis])))
    }
    return WindowGeometry(axes: axes)
  }

  private func resolve(
    _ input: IndexExpr, _ kernel: IndexExpr, _ stride: Int, _ dilation: Int, _ begin: IndexExpr,
    _ end: IndexExpr
  ) throws(Diagnostic) -> WindowAxis {
    for size in [input, kernel] {
      if let value = size.value, value < 0 || value > 1 << 40 {
        throw Diagnostic("shape.window", "dimension \(value) is outside 0...2^40")
      }
    }
    let extent = (kernel - 1) * IndexExpr(dilation) + 1
    let step = IndexExpr(stride)
    func axis(_ begin: IndexExpr, _ end: IndexExpr, _ output: IndexExpr) -> WindowAxis {
      WindowAxis(
        input: input, kernel: kernel, stride: stride, dilation: dilation, padBegin: begin,
        padEnd: end, output: output)
    }
    if autoPad == .sameUpper || autoPad == .sameLower {
      let output = input.ceilDiv(step)
      let total = IndexExpr.max((output - 1) * step + extent - input, 0)
      let half = total.floorDiv(2)
      return autoPad == .sameUpper
        ? axis(half, total - half, output) : axis(total - half, half, output)
    }
    let room = input + begin + end - extent
    if let room = room.value, room < 0 {
      throw Diagnostic(
        "shape.window",
        "window of \(extent) positions is larger than the padded input of \(input + begin + end)")
    }
    let whole = room.floorDiv(step) + 1
    guard ceilMode, autoPad == .notSet, stride > 1 else { return axis(begin, end, whole) }
    let rounded = (room + step - 1).floorDiv(step) + 1
    // Windows that start inside the input or the padding before it.
    let starting = (input + begin - 1).floorDiv(step) + 1
    if let gap = (extent - end - step).value, gap >= 0 { return axis(begin, end, rounded) }
    return axis(begin, end, IndexExpr.min(rounded, starting))
  }
}
