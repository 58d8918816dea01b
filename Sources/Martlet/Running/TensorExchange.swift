import CRuntime
import Diagnostics
import IR
import Tensors

/// Hands tensors to C and takes the results, whose memory the callee keeps.
enum TensorExchange {
  /// Calls `body` with the inputs and with empty slots for the outputs, and copies what it put there.
  ///
  /// - Throws: `run.input-type` for values that are not tensors of numbers; whatever `body` throws.
  static func call(
    _ inputs: [Value], outputCount: Int,
    _ body: (UnsafePointer<martlet_tensor>?, UnsafeMutablePointer<martlet_tensor>?) throws -> Void
  ) throws -> [Value] {
    let tensors = try inputs.map { value in
      guard let tensor = value.tensor, tensor.type != .string else {
        throw Diagnostic(
          "run.input-type", "an input is \(value.type), expected a tensor of numbers")
      }
      return tensor
    }
    // Shapes of all inputs behind each other, so that one buffer, never empty, holds them while C
    // reads them.
    var dimensions: [Int64] = [0]
    for tensor in tensors { dimensions += tensor.shape.map { Int64($0) } }
    return try dimensions.withUnsafeBufferPointer { shapes in
      var next = 1
      let arguments = tensors.map { tensor in
        defer { next += tensor.rank }
        return martlet_tensor(
          data: UnsafeMutableRawPointer(mutating: tensor.storage.bytes.baseAddress),
          shape: shapes.baseAddress.map { $0 + next }, rank: Int32(tensor.rank),
          type: tensor.type.rawValue)
      }
      var results = Array(repeating: martlet_tensor(), count: outputCount)
      try arguments.withUnsafeBufferPointer { arguments in
        try results.withUnsafeMutableBufferPointer { results in
          try body(arguments.baseAddress, results.baseAddress)
        }
      }
      return results.map { .tensor(copy($0)) }
    }
  }

  private static func copy(_ result: martlet_tensor) -> Tensor {
    let shape = (0..<Int(result.rank)).map { Int(result.shape[$0]) }
    return Tensor(type: ElementType(rawValue: result.type) ?? .f32, shape: shape) { bytes in
      guard let data = result.data else { return }
      bytes.copyMemory(from: UnsafeRawBufferPointer(start: data, count: bytes.count))
    }
  }
}
