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

  /// The shape, when a tensor of it can exist.
  ///
  /// - Throws: `shape.too-large` when a dimension is negative or the elements do not fit the memory.
  static func checked(_ shape: [Int]) throws(Diagnostic) -> [Int] {
    guard let count = shape.checkedElementCount, count <= mostElements,
      shape.allSatisfy({ $0 < 1 << 48 })
    else {
      throw Diagnostic(
        "shape.too-large",
        "a tensor of shape \(shape) cannot be made: expected dimensions of at least 0 and at most "
          + "\(mostElements) elements, which fit half of this machine's memory")
    }
    return shape
  }
}
