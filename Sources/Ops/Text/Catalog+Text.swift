import IR

extension OpCatalog {
  static let text: [any Op.Type] = [
    RegexFullMatch.self,
    StringConcat.self,
    StringNormalizer.self,
    StringSplit.self,
    TfIdfVectorizer.self,
  ]
}
