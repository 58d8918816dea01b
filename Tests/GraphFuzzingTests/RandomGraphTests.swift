import Foundation
import GraphFuzzing
import IR
import Ops
import TestSupport
import Testing

/// Random graphs on every engine of this machine, without onnxruntime, which `martlet-dev fuzz graphs` asks.
///
/// `MARTLET_RANDOM_GRAPHS=FROM..<TO` runs other seeds than the usual ones.
@Suite("random graphs") struct RandomGraphTests {
  private static let seeds: Range<UInt64> = {
    let wanted = ProcessInfo.processInfo.environment["MARTLET_RANDOM_GRAPHS"] ?? ""
    let ends = wanted.components(separatedBy: "..<").compactMap { UInt64($0) }
    return ends.count == 2 && ends[0] < ends[1] ? ends[0]..<ends[1] : 0..<60
  }()

  @Test("mean the same on every engine", arguments: seeds)
  func agrees(seed: UInt64) throws {
    var report = GrowthReport()
    let fuzzed = FuzzCase.make(seed: seed, report: &report)
    var search = DifferenceSearch()
    guard let found = search.difference(fuzzed) else { return }
    let (smallest, difference) = Shrinker.shrink(fuzzed, found, search, seconds: 20)
    Issue.record("\(KeptCase(smallest, note: "seed \(seed): \(difference)").text)")
  }

  @Test("follow from their number alone")
  func isReproducible() throws {
    for seed in [UInt64(3), 77] {
      var report = GrowthReport()
      let texts = (0..<2).map { _ in
        KeptCase(FuzzCase.make(seed: seed, report: &report), note: "").text
      }
      #expect(texts[0] == texts[1])
    }
  }

  @Test("are made of every operator but those that are left out with a reason")
  func coversTheCatalog() {
    let catalog = Set(OpCatalog.standard.all.map { $0.schema.qualifiedName })
    let left = Set(OperatorRecipes.left.keys)
    #expect(catalog.subtracting(OperatorRecipes.names) == left)
    #expect(left.isDisjoint(with: OperatorRecipes.names))
  }

  @Test("can be grown of each operator", arguments: OperatorRecipes.names.sorted())
  func grows(name: String) {
    var report = GrowthReport()
    for seed in UInt64(0)..<20 where report.grown[name] == nil {
      _ = FuzzCase.make(seed: seed, operators: [name], report: &report)
    }
    #expect(report.grown[name] != nil, "\(report.refused[name]?.message ?? "never tried")")
  }
}
