import IR

extension OpCatalog {
  static let recurrent: [any Op.Type] = [
    GRU.self,
    LSTM.self,
    RNN.self,
  ]
}
