import IR
import ONNXFrontend
import Tensors
import Testing

/// Models whose inputs are read otherwise than their files say.
@Suite struct InputReadingTests {
  /// The types of inputs and outputs of a model that reshapes, and declares some shape for the result.
  private func types(
    _ inputs: InputReading, declaring shape: [DimensionSketch]
  ) throws -> [String] {
    let sketch = GraphSketch(
      inputs: [ValueSketch("x", .f32, [2, "N"]), ValueSketch("shape", .i64, [2])],
      outputs: [ValueSketch("y", .f32, shape)],
      nodes: [NodeSketch("Reshape", ["x", "shape"], ["y"])])
    let path = try ModelSketch(sketch).write()
    let graph = try Importer(inputs: inputs).importModel(at: path).graph
    return (graph.inputs + graph.outputs).map { graph[$0].type.description }
  }

  @Test func sizesAreBelievedOrNot() throws {
    #expect(try types(.asDeclared, declaring: [4, 1]) == ["f32[2, N]", "i64[2]", "f32[4, 1]"])
    let open = try types(.withOpenSizes, declaring: [4, 1])
    #expect(open.prefix(2) == ["f32[x_0, x_1]", "i64[shape_0]"])
    // The rank is what the file says, and no size is.
    #expect(open[2].hasPrefix("f32[") && !open[2].contains("4"))
  }

  @Test func inputsBecomeConstants() throws {
    let shape = Tensor([Int64(1), -1], shape: [2])
    #expect(
      try types(.asConstants(["shape": shape]), declaring: [.open, .open])
        == ["f32[2, N]", "f32[1, 2 * N]"])
  }
}
