import Tensors

extension Program {
  /// The same programs with their constants in one place, where equal ones are stored once.
  package static func sharingConstants(_ programs: [Program]) -> [Program] {
    var shared = Constants()
    let moved = programs.map { program in
      var places: [Int: Int] = [:]
      for (offset, tensor) in program.constants.entries where tensor.byteCount > 0 {
        places[offset] = shared.append(tensor)
      }
      return program.moving(places)
    }
    return moved.map { program in
      var program = program
      program.constants = shared
      return program
    }
  }

  /// Bytes of each constant that the program reads, by offset.
  package var constantByteCounts: [Int: Int] {
    let read = constantOffsets
    let entries = constants.entries.filter { $0.tensor.byteCount > 0 && read.contains($0.offset) }
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.offset, $0.tensor.byteCount) })
  }
}
