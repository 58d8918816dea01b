import CRuntime
import CRuntimeTestSupport

/// A tensor as the tests write it: a type, a shape and the bytes.
struct Value: Equatable {
  var type: Int32
  var shape: [Int64]
  var bytes: [UInt8]

  init(type: Int32, shape: [Int64], bytes: [UInt8]) {
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }

  init(floats elements: [Float], shape: [Int64]) {
    self.init(type: 1, shape: shape, bytes: elements.withUnsafeBytes(Array.init))
  }

  init(integers elements: [Int64], shape: [Int64]) {
    self.init(type: 7, shape: shape, bytes: elements.withUnsafeBytes(Array.init))
  }

  func elements<Element>(_: Element.Type) -> [Element] {
    bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: MemoryLayout<Element>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0, as: Element.self)
      }
    }
  }
}

/// What a call that should have succeeded said.
struct Failure: Error {
  var status: Int32
  var message: String

  init(status: Int32) {
    self.status = status
    message = String(cString: martlet_session_status_message(status))
  }
}

/// Owns a session for the length of a test.
final class Session {
  let model: UnsafePointer<martlet_model>
  let handle: OpaquePointer

  init(_ model: UnsafePointer<martlet_model>, threads: Int32 = 1) throws {
    var options = martlet_options()
    options.size = UInt32(MemoryLayout<martlet_options>.size)
    options.threads = threads
    self.model = model
    handle = try Session.create(model, options)
  }

  init(_ model: UnsafePointer<martlet_model>, options: martlet_options) throws {
    self.model = model
    handle = try Session.create(model, options)
  }

  private static func create(
    _ model: UnsafePointer<martlet_model>, _ options: martlet_options
  ) throws -> OpaquePointer {
    var options = options
    options.size = UInt32(MemoryLayout<martlet_options>.size)
    var made: OpaquePointer?
    let status = martlet_session_create_for_model(model, &options, &made)
    guard let made, status == 0 else { throw Failure(status: status) }
    return made
  }

  deinit { martlet_session_destroy(handle) }

  /// Runs; where `given` has a value its bytes are the caller's memory and come back filled.
  func run(_ inputs: [Value], given: [Value?] = []) throws -> [Value] {
    let outputCount = Int(model.pointee.output_count)
    var inputTensors = inputs.map(Session.tensor)
    var outputTensors = (0..<outputCount).map { index in
      index < given.count ? given[index].map(Session.tensor) ?? martlet_tensor() : martlet_tensor()
    }
    let owned = inputTensors + outputTensors
    defer { owned.forEach(Session.free) }
    let status = martlet_session_run(handle, &inputTensors, &outputTensors)
    if status != 0 { throw Failure(status: status) }
    return outputTensors.map { tensor in
      let shape = (0..<Int(tensor.rank)).map { tensor.shape[$0] }
      let count = Int(martlet_tensor_bytes(tensor.type, tensor.rank, tensor.shape))
      return Value(
        type: tensor.type, shape: shape,
        bytes: Array(UnsafeRawBufferPointer(start: tensor.data, count: count)))
    }
  }

  /// Memory that is aligned to elements and to nothing more.
  private static func tensor(_ value: Value) -> martlet_tensor {
    let data = UnsafeMutableRawPointer.allocate(byteCount: value.bytes.count + 128, alignment: 64)
    let start = data + 8
    for (offset, byte) in value.bytes.enumerated() {
      start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
    let shape = UnsafeMutablePointer<Int64>.allocate(capacity: value.shape.count + 1)
    for (axis, extent) in value.shape.enumerated() { shape[axis] = extent }
    return martlet_tensor(
      data: start, shape: shape, rank: Int32(value.shape.count), type: value.type)
  }

  private static func free(_ tensor: martlet_tensor) {
    guard let data = tensor.data else { return }
    (data - 8).deallocate()
    tensor.shape?.deallocate()
  }
}
