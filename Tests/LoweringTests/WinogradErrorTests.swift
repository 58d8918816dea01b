import IR
import LLVMBackend
import Loops
import Lowering
import Martlet
import Tensors
import TestSupport
import Testing

/// Minimal filtering steps back where weights make it lose much against direct convolution: `WinogradError`.
@Suite("error of minimal filtering") struct WinogradErrorTests {
  private static let (channels, filters, size) = (64, 32, 24)

  /// Which taps of a filter matter.
  enum Weights: CaseIterable {
    /// All, equally.
    case normal
    /// The last tap of one channel; the others are there, 10^-6 as large, at the start of the sum.
    case lone
    /// One tap of one channel, and nothing else: direct convolution has one rounding.
    case sparse

    var values: [Float] {
      var random = SplitMix(seed: 5)
      let count = filters * channels * 9
      let noise = (0..<count).map { _ in Float(random.below(1 << 24)) / 0x1p23 - 1 }
      switch self {
      case .normal: return noise
      case .lone:
        return noise.enumerated().map { number, value in
          number % (channels * 9) == channels * 9 - 1 ? 1 + value / 4 : value * 1e-6
        }
      case .sparse:
        return noise.enumerated().map { number, value in
          number % (channels * 9) == number / (channels * 9) * 9 + 4 ? value : 0
        }
      }
    }
  }

  /// The note of the convolution's first kernel.
  private static func choice(_ weights: [Float], _ winograd: LoweringOptions.Winograd) throws
    -> String
  {
    let program = try program(weights, winograd)
    return program.steps.first {
      let name = program.kernels[$0.kernel].name
      return name.hasPrefix("winograd") || name.hasPrefix("conv")
    }?.note ?? ""
  }

  private static func program(
    _ weights: [Float], _ winograd: LoweringOptions.Winograd
  ) throws -> Program {
    try GraphLowering.lower(
      graph(weights), for: .x86v4, options: LoweringOptions(winograd: winograd))
  }

  private static func graph(_ weights: [Float]) throws -> Graph {
    var sketch = GraphSketch("error")
    let image = sketch.image([1, channels, size, size])
    let constant = sketch.constant(Tensor(weights, shape: [filters, channels, 3, 3]))
    sketch.finish([try sketch.node("Conv", [image, constant], ["pads": [1, 1, 1, 1]])])
    return sketch.graph
  }

  @Test("normal weights keep F(4, 3)")
  func keeps() throws {
    #expect(try Self.choice(Weights.normal.values, .auto).hasPrefix("winograd F(4, 3)"))
  }

  @Test("a tap that counts for all others makes F(4, 3) too coarse")
  func fallsBack() throws {
    for weights in [Weights.lone, .sparse] {
      let found = try Self.choice(weights.values, .auto)
      #expect(!found.hasPrefix("winograd F(4, 3)"), "\(weights): \(found)")
      #expect(found.contains("winograd F(4, 3) would have"), "\(weights): \(found)")
      #expect(found.contains("times the error of direct convolution"))
    }
  }

  @Test("who asks for F(4, 3) gets it")
  func obeys() throws {
    #expect(try Self.choice(Weights.lone.values, .four).hasPrefix("winograd F(4, 3)"))
  }

  /// Errors of single filters and tiles differ from those of the layer's results by much less than the bound's factor.
  @Test("the estimate is what compiled code shows", arguments: [Weights.normal, .lone, .sparse])
  func estimates(weights: Weights) throws {
    let values = weights.values
    let estimate = WinogradError(
      .f4, filters: Self.filters, terms: Self.channels, target: .native()
    ) { filter, term, tap in values[(filter * Self.channels + term) * 9 + tap] }
    let graph = try Self.graph(values)
    var random = SplitMix(seed: 3)
    let image = Tensor(
      (0..<Self.channels * Self.size * Self.size).map { _ in
        Float(random.below(1 << 24)) / 0x1p23 - 1
      }, shape: [1, Self.channels, Self.size, Self.size])
    func error(_ winograd: CodeOptions.Winograd) throws -> Double {
      var code = CodeOptions()
      code.winograd = winograd
      let found = try NativeExecutor(graph, code: code).run([image])[0].doubles
      return Self.relativeError(found, image.doubles, values)
    }
    let loss = try error(.four) / error(.off)
    let ratio = estimate.loss / loss
    #expect(ratio > 0.6 && ratio < 1.7, "estimated \(estimate.loss), found \(loss)")
    #expect(estimate.isAcceptable == (loss <= WinogradError.largestLoss))
  }

  /// The root mean square error against f64, relative to the results'.
  private static func relativeError(_ found: [Double], _ x: [Double], _ w: [Float]) -> Double {
    var (errors, squares) = (0.0, 0.0)
    for filter in stride(from: 0, to: filters, by: 5) {
      for place in stride(from: 0, to: size * size, by: 7) {
        var sum = 0.0
        for channel in 0..<channels {
          for tap in 0..<9 {
            let (row, column) = (place / size + tap / 3 - 1, place % size + tap % 3 - 1)
            guard (0..<size).contains(row), (0..<size).contains(column) else { continue }
            sum +=
              Double(w[(filter * channels + channel) * 9 + tap])
              * x[(channel * size + row) * size + column]
          }
        }
        let error = found[filter * size * size + place] - sum
        errors += error * error
        squares += sum * sum
      }
    }
    return (errors / squares).squareRoot()
  }
}
