import IR

extension OpCatalog {
  static let training: [any Op.Type] = [
    Adagrad.self,
    Adam.self,
    Momentum.self,
  ]
}
