import Diagnostics
import Glibc
import Tensors

/// The room that reference computations have for a tensor whose sizes were computed.
enum TensorRoom {
  /// The most elements of one tensor: half of the machine's memory, in the doubles that references compute in.
  static let mostElements: Int = {
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return max(memory, 1 << 30) / 2 / MemoryLayout<Double>.size
  }()

  /// The shape, when a tensor of it can exist here.
  ///
  /// - Throws: `shape.too-large` when a dimension is negative or the elements do not fit the memory.
  static func checked(_ shape: [Int]) throws(Diagnostic) -> [Int] {
    try checked(shape, most: mostElements, "fit half of this machine's memory")
  }

  /// The shape, when a tensor of it can exist on some machine: what is inferred depends on none.
  ///
  /// - Throws: `shape.too-large` when a dimension is negative or the elements do not fit any memory.
  static func possible(_ shape: [Int]) throws(Diagnostic) -> [Int] {
    try checked(shape, most: 1 << 36, "fit any memory")
  }

  private static func checked(
    _ shape: [Int], most: Int, _ why: String
  ) throws(Diagnostic) -> [Int] {
    guard let count = shape.checkedElementCount, count <= most,
      shape.allSatisfy({ $0 < 1 << 48 })
    else {
      throw Diagnostic(
        "shape.too-large",
        "a tensor of shape \(shape) cannot be made: expected dimensions of at least 0 and at most "
          + "\(most) elements, which \(why)")
    }
    return shape
  }
}
