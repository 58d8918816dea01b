import IR

extension OpCatalog {
  static let control: [any Op.Type] = [
    BatchedScan.self,
    If.self,
    Loop.self,
    Scan.self,
  ]
}
