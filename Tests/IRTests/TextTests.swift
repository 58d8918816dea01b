import Diagnostics
import IR
import Ops
import Tensors
import Testing

private let registry = OpCatalog.standard

/// Texts that must print exactly as they are written.
private let texts: [String] = [
  """
  graph @small(%image: f32[1, 1, 4, 4]) {
    %w0 = constant f32[2, 1, 3, 3] splat(0.5)
    %conv0 = Conv(%image, %w0) {pads = [1, 1, 1, 1]} : f32[1, 2, 4, 4]
    %relu0 = Relu(%conv0) : f32[1, 2, 4, 4] @"first relu"
    return %relu0
  }

  """,
  """
  graph @"a name"(%"x:0": f32[N, 3, floordiv(H + 1, 2), -2 * N + 4 * "batch size" - 1], %s: f32[*], %t: f32[broadcast(M, broadcast(N, floordiv(H, 2)))]) {
    %a/b.c-1 = Relu(%"x:0") : f32[N, 3, floordiv(H + 1, 2), -2 * N + 4 * "batch size" - 1]
    return %a/b.c-1, %s
  }

  """,
  """
  graph @constants() {
    %a = constant f32[4] [1.0, -0.0, inf, nan]
    %b = constant i64[] -3
    %c = constant u64[2] [18446744073709551615, 1]
    %d = constant bool[3] [true, false, true]
    %e = constant string[2] ["a \\"quoted\\"", "tab\\t"]
    %f = constant f16[3] [0.1, 65504.0, 6e-08]
    %g = constant i4[3] [-8, 7, 0]
    %h = constant c64[1] bytes("0000803f00000040")
    %i = constant f32[0] []
    %j = constant f64[2] [0.1, 1e-300]
    return %a, %b, %c, %d, %e, %f, %g, %h, %i, %j
  }

  """,
  """
  graph @attributes(%x: f32[2, 3]) {
    %c = Clip(%x, _, _) : f32[2, 3]
    %y = Elu(%c) {alpha = 0.1f} : f32[2, 3]
    %z = Elu(%y) {alpha = 0.1} : f32[2, 3]
    return %z
  }

  """,
  """
  graph @nested(%x: f32[2, 3], %b: f32[3]) {
    %y = martlet.Fused(%x, %b) {body = graph @body(%p: f32[2, 3], %q: f32[3]) {
      %s = Add(%p, %q) : f32[2, 3]
      %t = Relu(%s) : f32[2, 3]
      return %t
    }} : f32[2, 3]
    return %y
  }

  """,
]

@Suite("Textual IR")
struct TextTests {
  @Test("Prints back what it read", arguments: texts)
  func roundTrip(text: String) throws {
    let parsed = try Parser.parse(text, operators: registry)
    #expect(Printer.print(parsed.graph) == text)
    #expect(Verifier.verify(parsed.graph).description == "")
  }

  @Test("Infers the types that a line leaves out")
  func infersTypes() throws {
    let text = """
      graph(%x: f32[N, 3]) {
        %b = constant f32[3] [1, 2, 3]
        %y = Add(%x, %b)
        return %y
      }
      """
    let graph = try Parser.parse(text, operators: registry).graph
    #expect(graph[graph.outputs[0]].type.description == "f32[N, 3]")
    #expect(graph.name == "main")
  }

  @Test(
    "Says what is wrong and on which line",
    arguments: [
      ("graph(%x: f32[1]) {\n  %y = Relu(%z)\n  return %y\n}", "graph.undefined-value", 2),
      ("graph(%x: f32[1]) {\n  %x = Relu(%x)\n  return %x\n}", "graph.duplicate-value", 2),
      ("graph(%x: f32[1]) {\n\n  %y = Nope(%x)\n  return %y\n}", "text.unknown-op", 3),
      ("graph(%x: f32[1]) {\n  %y = Relu(%x) {a = 1}\n  return %y\n}", "attribute.unknown", 2),
      ("graph(%x: f32[1]) {\n  %y = Relu(%x, %x)\n  return %y\n}", "arity.too-many-inputs", 2),
      ("graph(%x: f33[1]) {\n  return %x\n}", "syntax.unexpected", 1),
      ("graph(%x: f32[1]) {\n  return %x\n", "syntax.unexpected", 3),
      ("graph() {\n  %c = constant f32[2] [1]\n  return %c\n}", "text.element-count", 2),
      ("graph() {\n  %c = constant f32[2] hash(\"a\")\n  return %c\n}", "text.no-data", 2),
      ("graph() {\n  %c = constant f32[N] [1]\n  return %c\n}", "text.constant-shape", 2),
      (
        "graph() {\n  %c = constant i64[1] [99999999999999999999]\n  return %c\n}", "text.element",
        2
      ),
      ("graph() {\n  return %\"open\n}", "syntax.string", 2),
    ])
  func errors(text: String, id: String, line: Int) {
    do throws(Diagnostic) {
      _ = try Parser.parse(text, operators: registry, file: "t.ir")
      Issue.record("parsed without an error")
    } catch {
      #expect(error.id == id)
      #expect(error.location == .line(file: "t.ir", line: line), "\(error)")
    }
  }

  @Test("Large constants are named by their content and found again")
  func hashes() throws {
    let values = (0..<100).map(Float.init)
    var graph = Graph(name: "g")
    graph.setOutputs([graph.addConstant("c", Tensor(values, shape: [100]))])
    let text = Printer.print(graph)
    let tensor = Tensor(values, shape: [100])
    #expect(text.contains("hash(\"\(tensor.contentHash)\")"))
    let back = try Parser.parse(text, operators: registry) {
      (reference, _) throws(Diagnostic) in
      #expect(reference == .hash(tensor.contentHash))
      return tensor
    }
    #expect(Printer.print(back.graph) == text)
    let complete = Printer.print(graph, constants: .complete)
    let again = try Parser.parse(complete, operators: registry).graph
    #expect(Printer.print(again) == text)
  }
}
