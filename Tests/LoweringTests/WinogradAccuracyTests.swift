import IR
import Lowering
import Martlet
import Tensors
import Testing

/// Minimal filtering against a convolution in f64: the figures of docs/decisions/0005-winograd.md.
@Suite("accuracy of minimal filtering") struct WinogradAccuracyTests {
  private static let (channels, filters, size) = (64, 16, 10)

  /// Errors of at most 2e-6 of the largest output: three times what was measured with 64 channels.
  @Test(
    "stays near f64",
    arguments: [CodeOptions.Winograd.off, .two, .four])
  func staysNear(_ algorithm: CodeOptions.Winograd) throws {
    var sketch = GraphSketch("accuracy", openness: .fixed)
    let image = sketch.image([1, Self.channels, Self.size, Self.size])
    let weights = sketch.weight([Self.filters, Self.channels, 3, 3])
    sketch.finish([try sketch.node("Conv", [image, weights], ["pads": [1, 1, 1, 1]])])
    let inputs = sketch.inputs(growth: 0, seed: 13)
    let kernel = try #require(sketch.graph.constant(weights)).doubles
    let expected = Self.convolution(inputs[0].doubles, kernel)
    var code = CodeOptions()
    code.winograd = algorithm
    let found = try NativeExecutor(sketch.graph, code: code).run(inputs)[0].doubles
    let largest = expected.map(\.magnitude).max() ?? 0
    let error = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(found.count == expected.count)
    #expect(error <= 2e-6 * largest, "found \(error / largest) of the largest output")
  }

  private static func convolution(_ x: [Double], _ w: [Double]) -> [Double] {
    var result: [Double] = []
    for filter in 0..<filters {
      for row in 0..<size {
        for column in 0..<size {
          var sum = 0.0
          for channel in 0..<channels {
            for (y, x0) in (0..<9).map({ (row + $0 / 3 - 1, column + $0 % 3 - 1) }).enumerated() {
              guard (0..<size).contains(x0.0), (0..<size).contains(x0.1) else { continue }
              sum +=
                w[(filter * channels + channel) * 9 + y]
                * x[(channel * size + x0.0) * size + x0.1]
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }
}
