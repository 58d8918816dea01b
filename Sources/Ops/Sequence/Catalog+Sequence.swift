import IR

extension OpCatalog {
  static let sequence: [any Op.Type] = [
    ConcatFromSequence.self,
    OptionalGetElement.self,
    OptionalHasElement.self,
    OptionalOp.self,
    SequenceAt.self,
    SequenceConstruct.self,
    SequenceEmpty.self,
    SequenceErase.self,
    SequenceInsert.self,
    SequenceLength.self,
    SequenceMap.self,
    SplitToSequence.self,
  ]
}
