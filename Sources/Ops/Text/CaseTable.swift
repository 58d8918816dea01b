import Diagnostics
import IR
import Tensors

/// What each Unicode scalar becomes in lower or in upper case: itself, or up to three others.
struct CaseTable {
  static let lower = CaseTable { $0.lowercaseMapping }
  static let upper = CaseTable { $0.uppercaseMapping }

  /// The scalars of the other case, a row of `width` for each scalar up to the last that changes.
  private let rows: [Int32]
  private let width: Int

  private init(_ mapping: (Unicode.Scalar.Properties) -> String) {
    var mapped: [[Int32]] = []
    var last = 0
    for value in UInt32(0)..<0x20000 {
      guard let scalar = Unicode.Scalar(value) else {
        mapped.append([Int32(value)])
        continue
      }
      let others = mapping(scalar.properties).unicodeScalars.map { Int32(bitPattern: $0.value) }
      if others != [Int32(value)] { last = Int(value) }
      mapped.append(others)
    }
    let width = mapped.map(\.count).max() ?? 1
    rows = mapped.prefix(last + 1).flatMap { row in
      row + Array(repeating: Scalars.none, count: width - row.count)
    }
    self.width = width
  }

  /// Strings in the other case, with `width` times as much room.
  func map(_ text: ValueID, _ graph: inout Composer) throws(Diagnostic) -> ValueID {
    let length = try graph.room(text)
    let count = rows.count / width
    let zero = graph.constant(Tensor(scalar: Int32(0)))
    let isListed = try graph.add(
      And(), graph.add(GreaterOrEqual(), text, zero),
      graph.add(Less(), text, graph.constant(Tensor(scalar: Int32(count)))))
    let places = try graph.add(Where(), isListed, text, zero)
    let table = graph.constant(Tensor(rows, shape: [count, width]))
    let found = try graph.add(Gather(), table, places)
    // Scalars that are not in the table stay, each in front of what its row is wide.
    let last = graph.integers([-1])
    let pads = Array(repeating: 0, count: 2 * (try graph.shape(text).count) + 1) + [width - 1]
    let same = try graph.add(
      Pad(), graph.add(Unsqueeze(), text, last), graph.integers(pads),
      graph.constant(Tensor(scalar: Scalars.none)))
    let chosen = try graph.add(Where(), graph.add(Unsqueeze(), isListed, last), found, same)
    let leading = Array(repeating: 0, count: try graph.shape(text).count - 1)
    let flat = try graph.add(Reshape(), chosen, graph.integers(leading + [length * width]))
    return try closeGaps(flat, length: length * width, &graph)
  }

  /// The scalars of each string one behind the other, where `Scalars.none` stands between them.
  private func closeGaps(
    _ text: ValueID, length: Int, _ graph: inout Composer
  ) throws(Diagnostic) -> ValueID {
    let isScalar = try graph.add(
      GreaterOrEqual(), text, graph.constant(Tensor(scalar: Int32(0))))
    let counts = try graph.add(
      CumSum(form: CumulationForm()), graph.add(Cast(to: .i64), isScalar),
      graph.constant(Tensor(scalar: Int64(-1))))
    // What is no scalar goes behind all others, where it is cut off.
    let places = try graph.add(
      Where(), isScalar, graph.add(Sub(), counts, graph.scalar(1, .i64)),
      graph.scalar(Double(length), .i64))
    let none = graph.constant(Tensor(scalar: Scalars.none))
    let empty = try graph.add(Where(), isScalar, none, none)
    let pads = Array(repeating: 0, count: 2 * (try graph.shape(text).count) - 1) + [1]
    let target = try graph.add(Pad(), empty, graph.integers(pads), none)
    let moved = try graph.add(ScatterElements(axis: -1), target, places, text)
    return try graph.add(
      Slice(), moved, graph.integers([0]), graph.integers([length]), graph.integers([-1]))
  }
}
