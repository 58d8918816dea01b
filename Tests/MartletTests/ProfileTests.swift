import Foundation
import FoundationXML
import IR
import Martlet
import Tensors
import Testing

@Suite("profiles") struct ProfileTests {
  private static let channels = 32
  private static let size = 24

  /// A 3 by 3 convolution and a pool; the first node's name is one that markup has to replace.
  private static func graph() throws -> Graph {
    let text = """
      graph @small(%x: f32[1, \(channels), \(size), \(size)]) {
        %w = constant f32[\(channels), \(channels), 3, 3] splat(0.25)
        %y = Conv(%x, %w) {pads = [1, 1, 1, 1]} @"a<b> & \\"c\\""
        %z = MaxPool(%y) {kernel_shape = [2, 2], strides = [2, 2]} @"pool"
        return %z
      }
      """
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "martlet-profile-\(UUID().uuidString).ir")
    try text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    return try GraphText.read(file.path)
  }

  private static func profile(_ winograd: CodeOptions.Winograd) throws -> Profile {
    var code = CodeOptions()
    code.winograd = winograd
    let executor = try NativeExecutor(try graph(), code: code)
    let image = Tensor(
      Array(repeating: Float(1), count: channels * size * size), shape: [1, channels, size, size])
    let measured = try executor.profile([.tensor(image)], seconds: 0)
    let limits = MachineLimits(
      threads: 1, gigaflopsPerSecond: 100, byteGigaopsPerSecond: nil,
      levels: [
        .init(name: "L1", byteCount: 1 << 15, gigabytesPerSecond: 200),
        .init(name: "memory", byteCount: nil, gigabytesPerSecond: 10),
      ])
    return Profile(measured, limits: limits)
  }

  private static let work = 9 * channels * channels * size * size

  /// Every product of a direct convolution is one multiply-add where channels fill vectors.
  @Test("count the operations that run")
  func countsOperations() throws {
    let profile = try Self.profile(.off)
    let steps = profile.steps.filter { $0.kernel.hasPrefix("conv") }
    let operations = steps.compactMap { $0.load?.operations }.reduce(0, +)
    #expect(operations == Double(2 * Self.work))
    let weights = steps.compactMap { $0.load?.constantByteCount }.reduce(0, +)
    #expect(weights == Double(4 * 9 * Self.channels * Self.channels))
    #expect(steps.allSatisfy { $0.note.contains("minimal filtering is off") })
    let node = try #require(profile.nodes.first { $0.kind == "Conv" })
    #expect(node.multiplyAccumulates == Self.work)
  }

  @Test("tell what an algorithm saves")
  func tellsSavings() throws {
    let profile = try Self.profile(.four)
    let steps = profile.steps.filter { $0.kernel.hasPrefix("winograd") }
    #expect(!steps.isEmpty)
    #expect(steps.allSatisfy { $0.note.hasPrefix("winograd F(4, 3)") })
    let operations = steps.compactMap { $0.load?.operations }.reduce(0, +)
    // 36 products for 144, and transforms.
    #expect(operations > Double(2 * Self.work) / 4)
    #expect(operations < Double(2 * Self.work) * 0.75)
    let node = try #require(profile.nodes.first { $0.kind == "Conv" })
    #expect(node.multiplyAccumulates == Self.work)
  }

  @Test("shares add up, and limits are the least time")
  func addsUp() throws {
    let profile = try Self.profile(.off)
    #expect(abs(profile.steps.map(\.share).reduce(0, +) - 1) < 1e-9)
    #expect(abs(profile.nodes.map(\.milliseconds).reduce(0, +) - profile.milliseconds) < 1e-9)
    #expect(abs(profile.operators.map(\.share).reduce(0, +) - 1) < 1e-9)
    let conv = try #require(profile.steps.first { $0.kernel.hasPrefix("conv") }?.load)
    #expect(conv.limit == "compute")
    #expect(abs(conv.limitMilliseconds - conv.operations / 100 / 1e6) < 1e-12)
    let pool = try #require(profile.steps.first { $0.kernel.hasPrefix("pool") }?.load)
    #expect(pool.limit == "memory")
    #expect(abs(pool.limitMilliseconds - pool.valueByteCount / 10 / 1e6) < 1e-12)
  }

  @Test("limits are measured, the nearer level the faster")
  func measuresLimits() throws {
    let limits = try MachineLimits.measure(threads: 1, withByteProducts: true)
    #expect(limits.gigaflopsPerSecond > 1)
    #expect(try #require(limits.byteGigaopsPerSecond) > 1)
    #expect(limits.levels.last?.byteCount == nil)
    let first = try #require(limits.levels.first)
    let last = try #require(limits.levels.last)
    #expect(first.gigabytesPerSecond > last.gigabytesPerSecond)
  }

  /// Collects what a reader of the page would find.
  private final class Reader: NSObject, XMLParserDelegate {
    var steps: Set<Int> = []
    var text = ""
    var pictures = 0

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      if name == "tr", let step = attributes["data-step"].flatMap({ Int($0) }) {
        steps.insert(step)
      }
      if name == "svg", attributes["class"]?.hasPrefix("chart") == true { pictures += 1 }
    }

    func parser(_ parser: XMLParser, foundCharacters found: String) { text += found }
  }

  @Test("the page is well-formed and holds every step")
  func pageHoldsEveryStep() throws {
    let profile = try Self.profile(.auto)
    let section = ProfilePage.Section(
      model: "a&b/small<1>.onnx", latency: Latency(milliseconds: [1, 2, 3]), profile: profile)
    let page = ProfilePage([section], facts: ["a \"machine\" & more"]).html
    let reader = Reader()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError)), line \(parser.lineNumber)")
    #expect(reader.steps == Set(profile.steps.map(\.number)))
    #expect(reader.pictures == 2)
    for step in profile.steps {
      #expect(reader.text.contains(step.label))
      #expect(reader.text.contains(step.kernel))
    }
    #expect(reader.text.contains("a<b> & \"c\""))
    #expect(reader.text.contains("small<1>.onnx"))
    for word in ["http://", "https://"] {
      let others = page.replacingOccurrences(of: "http://www.w3.org/1999/xhtml", with: "")
      #expect(!others.contains(word), "the page asks for something from a network")
    }
  }
}
