import Tensors

extension Program {
  /// The same programs with their constants in one place, where equal ones are stored once.
  ///
  /// - Complexity: linear in the bytes of all constants where they are equal; others differ early.
  package static func sharingConstants(_ programs: [Program]) -> [Program] {
    var shared = Constants()
    /// Where constants of a size are.
    var known: [Int: [(offset: Int, tensor: Tensor)]] = [:]
    let moved = programs.map { program in
      var places: [Int: Int] = [:]
      for (offset, tensor) in program.constants.entries where tensor.byteCount > 0 {
        let equal = known[tensor.byteCount, default: []].first { hasEqualBytes($0.tensor, tensor) }
        if let equal {
          places[offset] = equal.offset
        } else {
          let place = shared.append(tensor)
          known[tensor.byteCount, default: []].append((place, tensor))
          places[offset] = place
        }
      }
      return program.moving(places)
    }
    return moved.map { program in
      var program = program
      program.constants = shared
      return program
    }
  }

  private static func hasEqualBytes(_ a: Tensor, _ b: Tensor) -> Bool {
    unsafe a.withBytes { a in unsafe b.withBytes { b in unsafe a.elementsEqual(b) } }
  }

  /// The program with every constant at another offset; an empty one may be anywhere.
  private func moving(_ places: [Int: Int]) -> Program {
    var program = self
    for number in buffers.indices {
      guard case .constant(let offset) = buffers[number].kind else { continue }
      program.buffers[number].kind = .constant(offset: places[offset] ?? 0)
    }
    return program
  }

  /// Bytes of each constant that the program reads, by offset.
  package var constantByteCounts: [Int: Int] {
    var read: Set<Int> = []
    for case .constant(let offset) in buffers.lazy.map(\.kind) { read.insert(offset) }
    let entries = constants.entries.filter { $0.tensor.byteCount > 0 && read.contains($0.offset) }
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.offset, $0.tensor.byteCount) })
  }
}
