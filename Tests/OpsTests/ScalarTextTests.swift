import IR
import Ops
import Tensors
import Testing

/// "é" as one scalar and as two is one string to Swift and two to the standard.
@Suite struct ScalarTextTests {
  private let words = Tensor(strings: ["\u{E9}", "e\u{301}", "\u{E9}"], shape: [3])

  private func make<T: Op>(_: T.Type, _ attributes: Attributes) throws -> T {
    var reader = AttributeReader(attributes, opset: 5, inputCount: 1, outputCount: 4)
    return try T(&reader)
  }

  @Test func looksUpLabels() throws {
    let encoder = try make(
      LabelEncoder.self,
      Attributes {
        $0.strings("keys_strings", ["e\u{301}", "\u{E9}"])
        $0.ints("values_int64s", [7, 8])
      })
    #expect(try run(encoder, words)[0].integers == [8, 7, 8])
  }

  @Test func looksUpCategories() throws {
    let encoder = try make(
      OneHotEncoder.self, Attributes { $0.strings("cats_strings", ["\u{E9}"]) })
    #expect(try run(encoder, words)[0].doubles == [1, 0, 1])
  }

  @Test func leavesOutStopWords() throws {
    let normalizer = try make(
      StringNormalizer.self,
      Attributes {
        $0.strings("stopwords", ["\u{E9}"])
        $0.flag("is_case_sensitive", true)
      })
    let kept = try run(normalizer, words)[0].strings
    #expect(kept.map { Array($0.unicodeScalars) } == [["e", "\u{301}"]])
  }

  @Test func countsGrams() throws {
    let vectorizer = try make(
      TfIdfVectorizer.self,
      Attributes {
        $0.string("mode", "TF")
        $0.int("min_gram_length", 1)
        $0.int("max_gram_length", 1)
        $0.int("max_skip_count", 0)
        $0.ints("ngram_counts", [0])
        $0.ints("ngram_indexes", [0, 1])
        $0.strings("pool_strings", ["\u{E9}", "e\u{301}"])
      })
    #expect(try run(vectorizer, words)[0].doubles == [2, 1])
  }

  @Test func findsWhatIsUnique() throws {
    #expect(try run(Unique(), words, outputCount: 4)[3].integers == [1, 2])
  }
}
