import Calibration
import Tensors
import Testing

/// Numbers that are the same in every run.
struct Noise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func uniform() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(state >> 40) / Float(1 << 24)
  }

  /// About normal, with a standard deviation of 1.
  mutating func normal() -> Float {
    (0..<12).reduce(-6) { sum, _ in sum + uniform() }
  }
}

/// A named set of elements.
struct Population: CustomTestStringConvertible, Sendable {
  let name: String
  let elements: [Float]

  var testDescription: String { name }

  static let all: [Population] = [
    Population(name: "normal") { $0.normal() },
    Population(name: "rectified") { max($0.normal(), 0) },
    Population(name: "negative") { -1 - $0.uniform() },
    Population(name: "skewed") { noise in
      let x = noise.normal()
      return x < 0 ? x * 0.1 : x * 3
    },
    Population(name: "outliers") { $0.uniform() < 0.001 ? 40 : $0.normal() },
    Population(name: "tiny") { $0.normal() * 1e-20 },
  ]

  private init(name: String, element: (inout Noise) -> Float) {
    self.name = name
    var noise = Noise(seed: 7)
    elements = (0..<20_000).map { _ in element(&noise) }
  }

  /// Statistics of the elements, in samples of 100.
  var statistics: ValueStatistics {
    get throws {
      var result = ValueStatistics()
      for start in stride(from: 0, to: elements.count, by: 100) {
        try result.add(Tensor(Array(elements[start..<(start + 100)]), shape: [4, 25]))
      }
      return result
    }
  }
}
