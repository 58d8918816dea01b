import Diagnostics
import IR
import Ops
import Tensors
import Testing

/// Operators on strings as operators on their scalars, against the strings themselves.
@Suite struct TextCompositionTests {
  static let words = ["", "é", "Straße", "ﬃ", "日本語", "a\u{0}b", "ΑΣ", "x\u{1F600}y"]

  /// Compares the graph on scalars with the graph on strings.
  private func compare(_ text: String, _ inputs: Tensor...) throws {
    let graph = try Parser.parse(text, operators: OpCatalog.standard).graph
    let spelled = inputs.map { input in
      input.type == .string
        ? Scalars.spell(input, length: Scalars.longest(input.strings) + 1) : input
    }
    let lengths = zip(graph.inputs, spelled).map { ($0, $1.shape.last ?? 0) }
    let onScalars = try graph.spelled(lengths: Dictionary(uniqueKeysWithValues: lengths))
    #expect(Verifier.verify(onScalars).diagnostics == [])
    #expect(onScalars.valueIDs.allSatisfy { onScalars.tensorType($0)?.element != .string })
    let expected = try graph.evaluate(inputs.map { .tensor($0) }).compactMap(\.tensor)
    let found = try onScalars.evaluate(spelled.map { .tensor($0) }).compactMap(\.tensor)
    #expect(!expected.isEmpty && found.count == expected.count)
    for (a, b) in zip(found, expected) {
      let read = b.type == .string ? Scalars.read(a) : a
      #expect(read.shape == b.shape && read.strings == b.strings)
      if b.type != .string { #expect(Tolerance.exact.compare(read, b).mismatch == nil) }
    }
  }

  private static let all = Tensor(strings: words, shape: [words.count])

  @Test func scalarsReadBack() {
    let scalars = Scalars.spell(Self.all, length: 7)
    #expect(scalars.shape == [8, 7])
    #expect(Scalars.read(scalars).strings == Self.words)
  }

  @Test func equality() throws {
    try compare(
      """
      graph @g(%a: string[8], %b: string[2, 1]) {
        %y = Equal(%a, %b)
        return %y
      }
      """, Self.all, Tensor(strings: ["a\u{0}b", "e\u{301}"], shape: [2, 1]))
  }

  @Test func joining() throws {
    try compare(
      """
      graph @g(%a: string[8], %b: string[3, 1]) {
        %y = StringConcat(%a, %b)
        %z = StringConcat(%y, %y)
        return %z
      }
      """, Self.all, Tensor(strings: ["", "-", "末尾"], shape: [3, 1]))
  }

  @Test(arguments: ["LOWER", "UPPER", "NONE"], [0, 1])
  func changingCaseAndStopping(action: String, sensitive: Int) throws {
    for stops in ["\"a\", \"STRASSE\", \"日本語\"", "\"straße\", \"ΑΣ\""] {
      try compare(
        """
        graph @g(%a: string[8]) {
          %y = StringNormalizer(%a) {case_change_action = "\(action)", is_case_sensitive = \(sensitive),
            stopwords = [\(stops)]}
          return %y
        }
        """, Self.all)
    }
  }

  @Test func nothingThatStaysIsOneEmptyWord() throws {
    let text = """
      graph @g(%a: string[1, 2]) {
        %y = StringNormalizer(%a) {stopwords = ["monday"]}
        return %y
      }
      """
    try compare(text, Tensor(strings: ["Monday", "monday"], shape: [1, 2]))
    try compare(text, Tensor(strings: ["Monday", "Tuesday"], shape: [1, 2]))
  }

  @Test func labels() throws {
    try compare(
      """
      graph @g(%a: string[8]) {
        %n = ai.onnx.ml.LabelEncoder(%a) {keys_strings = ["a", "ﬃ", "a"], values_int64s = [4, 5, 6],
          default_int64 = 42}
        %w = ai.onnx.ml.LabelEncoder(%n) {keys_int64s = [5, 42], values_strings = ["five", "other"]}
        return %n, %w
      }
      """, Self.all)
  }

  @Test func operatorsWithoutScalarsAreNamed() throws {
    let graph = try Parser.parse(
      """
      graph @g(%a: string[2]) {
        %y, %n = StringSplit(%a)
        return %y, %n
      }
      """, operators: OpCatalog.standard
    ).graph
    #expect(
      diagnosticID { () throws(Diagnostic) in
        _ = try graph.spelled(lengths: [graph.inputs[0]: 4])
      } == "lowering.string")
  }
}
