import IR

extension OpCatalog {
  static let linearAlgebra: [any Op.Type] = [
    Gemm.self,
    MatMul.self,
  ]
}
