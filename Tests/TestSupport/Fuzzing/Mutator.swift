/// Damages files: bytes anywhere, or whole fields of a protobuf message. The same seed gives the same damage.
package struct Mutator: Sendable {
  private let original: [UInt8]
  private let tree: WireTree?
  private let fieldCount: Int

  package init(_ original: [UInt8]) {
    self.original = original
    tree = WireTree(original[...])
    fieldCount = tree?.totalCount ?? 0
  }

  package func mutation(seed: UInt64) -> [UInt8] {
    var random = SplitMix(seed: seed)
    if random.below(4) > 0, var damaged = tree, fieldCount > 0 {
      for _ in 0...random.below(2) { damage(&damaged, &random) }
      return damaged.serialized
    }
    var bytes = original
    for _ in 0...random.below(4) { damage(&bytes, &random) }
    return bytes
  }

  private static let interesting: [UInt64] = [
    0, 1, 2, 3, 7, 8, 16, 100, 127, 128, 255, 256, 1 << 15, 1 << 16, 1 << 31, 1 << 32, 1 << 46,
    1 << 62, 1 << 63, .max, .max - 1, UInt64(bitPattern: -2), UInt64(bitPattern: -1000),
  ]

  private func damage(_ tree: inout WireTree, _ random: inout SplitMix) {
    let count = tree.totalCount
    let kind = random.below(6)
    let other = random.below(count)
    var copy: WireTree.Field?
    if kind == 5 { tree.edit(other) { copy = $0[$1] } }
    var generator = random
    tree.edit(random.below(count)) { fields, place in
      switch kind {
      case 0: fields.remove(at: place)
      case 1: fields.insert(fields[place], at: place)
      case 2: fields.swapAt(place, generator.below(fields.count))
      case 5:
        if let copy { fields[place].content = copy.content }
      default: change(&fields[place], &generator)
      }
    }
    random = generator
  }

  private func change(_ field: inout WireTree.Field, _ random: inout SplitMix) {
    switch field.content {
    case .varint(let value):
      let choices = [
        Self.interesting[random.below(Self.interesting.count)], value &+ 1, value &- 1,
      ]
      field.content = .varint(choices[random.below(3)])
    case .fixed(var bytes):
      bytes[random.below(bytes.count)] = UInt8(random.below(256))
      field.content = .fixed(bytes)
    case .bytes(var bytes):
      damage(&bytes, &random)
      field.content = .bytes(bytes)
    case .message:
      field.number = UInt64(1 + random.below(30))
    }
  }

  private func damage(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let place = random.below(bytes.count)
    let length = min(1 + random.below(16), bytes.count - place)
    switch random.below(6) {
    case 0 where !bytes.isEmpty: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1 where !bytes.isEmpty: bytes[place] = UInt8(random.below(256))
    case 2: bytes.removeSubrange(place..<place + length)
    case 3: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
    case 4: bytes.removeSubrange(place...)
    default:
      bytes.insert(contentsOf: (0..<length).map { _ in UInt8(random.below(256)) }, at: place)
    }
  }
}
