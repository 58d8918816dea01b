import IR

extension OpCatalog {
  static let pooling: [any Op.Type] = [
    AveragePool.self,
    GlobalAveragePool.self,
    GlobalLpPool.self,
    GlobalMaxPool.self,
    LpPool.self,
    MaxPool.self,
    MaxRoiPool.self,
    MaxUnpool.self,
    RoiAlign.self,
  ]
}
