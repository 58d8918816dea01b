import Diagnostics
import Foundation
import IR
import Ops
import PassManager
import Passes
import Tensors
import Testing

/// `relu(relu(...relu(x)))` with as many dead Exp nodes beside it.
private func chain(_ count: Int) -> Graph {
  var graph = Graph(name: "chain")
  let type = ValueType.tensor(.f32, [100])
  var last = graph.addInput("x", type)
  let weight = graph.addConstant("w", Tensor((0..<100).map(Float.init), shape: [100]))
  for index in 0..<count {
    graph.addNode("dead\(index)", Exp(), inputs: [last], outputs: [("d\(index)", type)])
    let sum = graph.addNode(
      "sum\(index)", Add(), inputs: [last, weight], outputs: [("s\(index)", type)])
    last = graph[sum].outputs.compactMap { $0 }[0]
  }
  graph.setOutputs([last])
  return graph
}

/// Tries to make nodes compute results of another type.
private let breaks = Pass("break-graph", "break the graph, for tests") {
  (rw) throws(Diagnostic) in
  for id in rw.graph.nodeIDs {
    guard let node = rw.node(id) else { continue }
    try rw.replace(id, with: Cast(to: .i64), inputs: [node.inputs[0]])
  }
}

@Suite("Pass manager")
struct PassManagerTests {
  @Test("Counts changes and reports every run")
  func reports() throws {
    var graph = chain(3)
    let report = try PassManager().run(Pipeline("p", [.eliminateDeadCode]), on: &graph)
    #expect(report.runs.map(\.pass) == ["eliminate-dead-code"])
    #expect(report.changes == 3)
    #expect(graph.nodeIDs.count == 3)
    #expect(report.timing.contains("3 changes  1 runs  eliminate-dead-code"))
  }

  @Test("Begins no rewrite beyond the bisect limit", arguments: [0, 1, 2, 3, 4])
  func bisects(limit: Int) throws {
    var options = PassOptions()
    options.bisectLimit = limit
    var graph = chain(3)
    let report = try PassManager(options).run(.eliminateDeadCode, on: &graph)
    #expect(report.changes == min(limit, 3))
    #expect(Verifier.verify(graph).isEmpty)
  }

  @Test("Repeats a group until a round changes nothing")
  func untilStable() throws {
    var graph = chain(2)
    let group = Step.untilStable(name: "g", limit: 5, [.pass(.eliminateDeadCode)])
    let report = try PassManager().run(Pipeline("p", [group]), on: &graph)
    #expect(report.runs.count == 2)
    #expect(report.unstable.isEmpty)
  }

  @Test("Runs steps on the graphs inside operators, and inside those")
  func inRegions() throws {
    let text = """
      graph @g(%c: bool[], %x: f32[2]) {
        %k = constant f32[2] [1.0, 2.0]
        %y = If(%c, %c, %x, %k) {captures = 3,
          then_branch = graph @a(%c: bool[], %x: f32[2], %k: f32[2]) {
            %e = Exp(%k)
            %y = If(%c, %x, %e) {captures = 2,
              then_branch = graph @b(%x: f32[2], %e: f32[2]) {
                %n = Neg(%e)
                %y = Add(%x, %n)
                return %y
              }, else_branch = graph @d(%x: f32[2], %e: f32[2]) {
                %y = Identity(%x)
                return %y
              }}
            return %y
          }, else_branch = graph @e(%c: bool[], %x: f32[2], %k: f32[2]) {
            %y = Identity(%x)
            return %y
          }}
        return %y
      }
      """
    var graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let steps = Step.inRegions([.pass(.foldConstants)])
    let report = try PassManager().run(Pipeline("p", [steps]), on: &graph)
    #expect(report.changes == 2)
    #expect(Verifier.verify(graph).isEmpty)
    let branch = try #require(graph[graph.nodeIDs[0]].op as? If).thenBranch
    #expect(branch.nodeIDs.count == 1)
    let inner = try #require(branch[branch.nodeIDs[0]].op as? If).thenBranch
    #expect(inner.nodeIDs.map { inner[$0].opName } == ["Add"])
  }

  @Test("Names groups that never become stable")
  func unstable() throws {
    let forever = Pass("rename-forever", "insert an Identity, for tests") {
      (rw) throws(Diagnostic) in
      let first = rw.graph.nodeIDs[0]
      let input = rw.graph[first].inputs[0]
      let value = try rw.insert(Identity(), inputs: [input], before: first, name: "i")
      try rw.replace(
        first, with: rw.graph[first].op, inputs: [value] + rw.graph[first].inputs.dropFirst())
    }
    var graph = chain(1)
    let group = Step.untilStable(name: "g", limit: 3, [.pass(forever)])
    let report = try PassManager().run(Pipeline("p", [group]), on: &graph)
    #expect(report.unstable == ["g"])
    #expect(report.runs.count == 3)
  }

  @Test(
    "Refuses a replacement of another type, names the pass and keeps a reproducer that is a golden case"
  )
  func reproducer() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var options = PassOptions()
    options.reproducer = ReproducerDirectory(folder.path)
    let manager = PassManager(options)
    var graph = chain(3)
    _ = try manager.run(.eliminateDeadCode, on: &graph)
    let path = folder.appendingPathComponent("reproducer.ir").path
    #expect(!FileManager.default.fileExists(atPath: path))
    let before = Printer.print(graph)
    do throws(Diagnostic) {
      _ = try manager.run(breaks, on: &graph)
      Issue.record("the broken pass went through")
    } catch {
      #expect(error.id == "rewrite.type")
      #expect(error.severity == .internal)
      #expect(error.notes.contains("in pass 'break-graph'"))
    }
    #expect(Printer.print(graph) == before)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.hasPrefix("// pass: break-graph\ngraph @chain"))
    let data = try Data(contentsOf: folder.appendingPathComponent("reproducer.bin"))
    let back = try Parser.parse(text, operators: OpCatalog.standard) {
      (reference, type) throws(Diagnostic) in
      #expect(reference == .file("reproducer.bin", offset: 0))
      let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      return Tensor(values, shape: type.staticShape ?? [])
    }
    #expect(Printer.print(back.graph) == before)
  }

  @Test("Prints after passes that change something")
  func prints() throws {
    let lines = Lines()
    var options = PassOptions()
    options.printAfterChange = true
    options.output = { lines.add($0) }
    var graph = chain(1)
    let manager = PassManager(options)
    _ = try manager.run(Pipeline("p", [.eliminateDeadCode, .eliminateDeadCode]), on: &graph)
    #expect(lines.all.count == 1)
    #expect(lines.all.first?.hasPrefix("// after eliminate-dead-code\ngraph @chain") == true)
  }

  @Test("Thousands of edits on thousands of nodes stay linear")
  func large() throws {
    var graph = chain(4000)
    let dead = try PassManager().run(.eliminateDeadCode, on: &graph)
    #expect(dead.changes == 4000)
    let fused = try PassManager().run(.fuseElementwise, on: &graph)
    #expect(fused.changes > 50)
    #expect(graph.nodeIDs.count == fused.changes)
  }
}

/// Collects what is printed.
private final class Lines: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []
  func add(_ line: String) { lock.withLock { lines.append(line) } }
  var all: [String] { lock.withLock { lines } }
}
