import Diagnostics
import IR
import Tensors

/// Pseudorandom values in `0..<1` for a model's inputs, the same on every machine.
enum RandomInput {
  static func value(_ info: ValueInfo, symbols: Int) throws -> Value {
    guard let type = info.type.tensor,
      let shape = type.shape?.map({ $0.evaluate { _ in symbols } ?? 1 })
    else {
      throw Diagnostic("run.input-type", "input '\(info.name)' is \(info.type)")
    }
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    let values = (0..<shape.elementCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24)
    }
    return .tensor(Tensor(doubles: values, shape: shape, type: type.element))
  }
}
