import IR

extension OpCatalog {
  static let signal: [any Op.Type] = [
    BlackmanWindow.self,
    DFT.self,
    HammingWindow.self,
    HannWindow.self,
    MelWeightMatrix.self,
    STFT.self,
  ]
}
