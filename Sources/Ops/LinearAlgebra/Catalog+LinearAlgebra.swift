import IR

extension OpCatalog {
  static let linearAlgebra: [any Op.Type] = [
    Det.self,
    Einsum.self,
    Gemm.self,
    MatMul.self,
  ]
}
