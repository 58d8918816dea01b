import IR

extension OpCatalog {
  static let elementwise: [any Op.Type] = [
    Add.self,
    Relu.self,
  ]
}
