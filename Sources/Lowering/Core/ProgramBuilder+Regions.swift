import Loops
import Tensors

extension ProgramBuilder {
  /// Takes over the kernels and constants of a program that will run inside this one.
  mutating func adopt(_ inner: Program) -> Program {
    let kernels = inner.kernels.map { take($0) }
    var places: [Int: Int] = [:]
    for (offset, tensor) in inner.constants.entries { places[offset] = append(tensor) }
    var program = inner.mapping(kernel: { kernels[$0] }, constant: { places[$0] ?? 0 })
    program.kernels = []
    program.constants = Program.Constants()
    return program
  }

  /// Adds a step that runs the programs of a region and one that takes their results.
  ///
  /// - Parameters:
  ///   - reading: what the region is given.
  ///   - writing: where its results go.
  mutating func runRegion(
    _ label: String, _ region: Program.Region, reading: [Placed], writing: [Placed]
  ) {
    launch(label, family: "region", touching(reading, isWritten: false), body: [])
    mark(.run(region))
    launch(label, family: "results", touching(writing, isWritten: true), body: [])
    mark(.take)
  }

  /// A kernel that has the memories as its parameters and does nothing with them.
  private func touching(_ places: [Placed], isWritten: Bool) -> KernelBuilder {
    let builder = KernelBuilder(target: target)
    for place in places {
      let bytes = Placed(memory: place.memory, element: .u8, shape: [1], layout: .plain)
      _ = builder.view(bytes, isWritten: isWritten)
    }
    return builder
  }
}
