import Compression
import Diagnostics
import IR
import Ops
import Testing

@Suite("Where a graph can be quantized") struct QuantizationSitesTests {
  private static func sites(_ text: String) throws -> QuantizationSites {
    QuantizationSites(try Parser.parse(text, operators: OpCatalog.standard).graph)
  }

  private static func names(_ sites: QuantizationSites, _ kind: QuantizationSites.Kind) -> [String]
  {
    sites.graph.nodeIDs.filter { sites.kinds[$0] == kind }.map { sites.graph[$0].name }
  }

  @Test("a residual sum between layers reads integers, a gate of a value by itself does not")
  func residuals() throws {
    let sites = try Self.sites(
      """
      graph(%x: f32[1, 2, 4, 4]) {
        %w = constant f32[2, 2, 1, 1] [1.0, 0.5, -0.5, 1.0]
        %a = Conv(%x, %w) @"a"
        %s = Sigmoid(%a) @"sigmoid"
        %g = Mul(%a, %s) @"silu"
        %b = Conv(%g, %w) @"b"
        %r = Add(%b, %g) @"sum"
        %p = MaxPool(%r) {kernel_shape = [2, 2]} @"pool"
        %c = Conv(%p, %w) @"c"
        return %c
      }
      """)
    #expect(Self.names(sites, .product) == ["a", "b", "c"])
    #expect(Self.names(sites, .arithmetic) == ["sum"])
    #expect(Self.names(sites, .carrier) == ["pool"])
    let groups = sites.scaleGroups()
    let sum = try #require(sites.graph.value(named: "r"))
    let pooled = try #require(sites.graph.value(named: "p"))
    #expect(groups[sum] == groups[pooled])
  }

  @Test("nothing is integer that no layer reads")
  func ends() throws {
    let sites = try Self.sites(
      """
      graph(%x: f32[1, 2, 4, 4]) {
        %w = constant f32[2, 2, 1, 1] [1.0, 0.5, -0.5, 1.0]
        %a = Conv(%x, %w) @"a"
        %b = Conv(%x, %w) @"b"
        %r = Add(%a, %b) @"sum"
        %p = MaxPool(%r) {kernel_shape = [2, 2]} @"pool"
        return %p
      }
      """)
    #expect(Self.names(sites, .arithmetic).isEmpty)
    #expect(Self.names(sites, .carrier).isEmpty)
  }

  @Test("a carrier stays float where one of its readers does")
  func carriers() throws {
    let sites = try Self.sites(
      """
      graph(%x: f32[1, 2, 4, 4]) {
        %w = constant f32[2, 2, 1, 1] [1.0, 0.5, -0.5, 1.0]
        %p = MaxPool(%x) {kernel_shape = [2, 2]} @"pool"
        %a = Conv(%p, %w) @"a"
        %b = Conv(%p, %w) @"b"
        return %a, %b
      }
      """)
    let ids = Dictionary(
      uniqueKeysWithValues: sites.graph.nodeIDs.map { (sites.graph[$0].name, $0) })
    let pool = try #require(ids["pool"])
    let layer = try #require(ids["a"])
    #expect(sites.integerNodes(float: [], wide: []).contains(pool))
    #expect(!sites.integerNodes(float: [layer], wide: []).contains(pool))
    #expect(!sites.integerNodes(float: [], wide: [layer]).contains(pool))
  }
}
