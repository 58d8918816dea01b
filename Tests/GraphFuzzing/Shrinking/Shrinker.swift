import Diagnostics
import IR
import Ops
import Tensors

/// Makes a case that differs smaller, as long as the same engine still differs.
package struct Shrinker {
  private var search: DifferenceSearch
  private let engine: Difference.Engine
  private(set) var smallest: FuzzCase
  private var difference: Difference
  private var attempts = 0

  private init(
    _ fuzzed: FuzzCase, _ difference: Difference, _ search: DifferenceSearch, _ seconds: Int
  ) {
    deadline = ContinuousClock.now + .seconds(seconds)
    smallest = fuzzed
    self.difference = difference
    engine = difference.engine
    self.search = search
  }

  /// The smallest case found in some seconds, and what differs there.
  package static func shrink(
    _ fuzzed: FuzzCase, _ difference: Difference, _ search: DifferenceSearch, seconds: Int
  ) -> (FuzzCase, Difference) {
    var shrinker = Shrinker(fuzzed, difference, search, seconds)
    shrinker.run()
    return (shrinker.smallest, shrinker.difference)
  }

  /// No case is worth more attempts: each compiles and runs.
  private static let attemptLimit = 400
  private let deadline: ContinuousClock.Instant

  private mutating func run() {
    var isShrinking = true
    while isShrinking, attempts < Self.attemptLimit, ContinuousClock.now < deadline {
      isShrinking = shrinkNodes()
      isShrinking = shrinkSettings() || isShrinking
      isShrinking = shrinkAttributes() || isShrinking
      isShrinking = shrinkSizes() || isShrinking
      isShrinking = shrinkValues() || isShrinking
    }
  }

  /// Takes a smaller case if it still differs.
  private mutating func attempt(_ make: (FuzzCase) throws -> FuzzCase?) -> Bool {
    guard attempts < Self.attemptLimit, ContinuousClock.now < deadline,
      let smaller = try? make(smallest)
    else { return false }
    attempts += 1
    guard let found = search.difference(smaller, engine), found.engine == engine,
      found.kind == difference.kind
    else { return false }
    smallest = smaller
    difference = found
    return true
  }

  // MARK: What a case is made of

  private mutating func shrinkNodes() -> Bool {
    var hasShrunk = false
    guard let values = try? smallest.allValues() else { return false }
    // The value that differs first is the output of the smallest graph.
    for id in smallest.graph.nodeIDs.flatMap({ smallest.graph[$0].outputs.compactMap { $0 } }) {
      guard smallest.graph.tensorType(id) != nil, [id] != smallest.graph.outputs else { continue }
      if attempt({ $0.reduced(to: [id], values) }) { return true }
    }
    var cut: Set<ValueID> = []
    let base = smallest
    for id in base.graph.nodeIDs.flatMap({ base.graph[$0].outputs.compactMap { $0 } }) {
      guard base.graph.tensorType(id) != nil, !base.graph.outputs.contains(id) else { continue }
      cut.insert(id)
      if attempt({ _ in base.reduced(to: base.graph.outputs, cutting: cut, values) }) {
        hasShrunk = true
      } else {
        cut.remove(id)
      }
    }
    return hasShrunk
  }

  private mutating func shrinkSettings() -> Bool {
    var hasShrunk = false
    let isOpen = smallest.graph.inputs.contains { id in
      smallest.graph.tensorType(id)?.staticShape == nil
    }
    if isOpen { hasShrunk = attempt { try $0.closed() } }
    let plain = CompileSettings()
    if smallest.settings.winograd != plain.winograd {
      hasShrunk = attempt { $0.with { $0.winograd = plain.winograd } } || hasShrunk
    }
    if case .first(let names) = smallest.settings.passes {
      if attempt({ $0.with { $0.passes = .standard } }) { return true }
      for name in names {
        let fewer = names.filter { $0 != name }
        if attempt({ $0.with { $0.passes = .first(fewer) } }) { return true }
      }
    } else if case .standard = smallest.settings.passes {
      hasShrunk = attempt { $0.with { $0.passes = .none } } || hasShrunk
    }
    return hasShrunk
  }

  private mutating func shrinkAttributes() -> Bool {
    var hasShrunk = false
    for id in smallest.graph.nodeIDs {
      guard smallest.graph.contains(id) else { continue }
      for name in smallest.graph[id].op.attributes.names {
        hasShrunk =
          attempt { fuzzed in
            guard fuzzed.graph.nodeIDs.contains(id),
              let op = fuzzed.graph[id].op(without: name)
            else { return nil }
            return try fuzzed.replacing([:], [id: op])
          } || hasShrunk
      }
    }
    return hasShrunk
  }

  private mutating func shrinkSizes() -> Bool {
    var hasShrunk = false
    let sizes = Set(smallest.leaves.flatMap { smallest.leaf($0)?.shape ?? [] }).filter { $0 > 1 }
    for size in sizes.sorted(by: >) {
      for smaller in Set([1, size / 2, size - 1]).sorted() where smaller < size && smaller > 0 {
        if attempt({ try $0.resized(size, to: smaller) }) {
          hasShrunk = true
          break
        }
      }
    }
    return hasShrunk
  }

  private mutating func shrinkValues() -> Bool {
    var hasShrunk = false
    for id in smallest.leaves {
      for step in ValueStep.all {
        hasShrunk =
          attempt { fuzzed in
            guard fuzzed.graph.contains(id), let tensor = fuzzed.leaf(id),
              let simpler = step.apply(tensor), !simpler.hasEqualBytes(tensor)
            else { return nil }
            return try fuzzed.replacing([id: simpler])
          } || hasShrunk
      }
    }
    return hasShrunk
  }
}

extension Difference {
  /// Differences of another kind are no smaller form of this one: numbers that differ, and refusals by identifier.
  var kind: String {
    if message.hasPrefix("output ") { return "output" }
    if let id = message.split(separator: "[").last, id.hasSuffix("]") { return String(id) }
    return String(message.prefix { $0 != "(" && $0 != "'" && $0 != "%" })
  }
}

extension FuzzCase {
  fileprivate func with(_ change: (inout CompileSettings) -> Void) -> FuzzCase {
    var copy = self
    change(&copy.settings)
    return copy
  }

  /// All inputs and constants cut along axes of a size, and lists of integers that name it.
  fileprivate func resized(_ size: Int, to smaller: Int) throws(Diagnostic) -> FuzzCase {
    var tensors: [ValueID: Tensor] = [:]
    for id in leaves {
      guard let tensor = leaf(id), let cut = tensor.cut(size, to: smaller) else { continue }
      tensors[id] = cut
    }
    return try replacing(tensors)
  }
}

extension Tensor {
  /// The first elements along every axis of a size; for a list of integers, that size replaced too.
  fileprivate func cut(_ size: Int, to smaller: Int) -> Tensor? {
    guard type != .string, !type.isComplex, type.bitWidth >= 8 else { return nil }
    let cutShape = shape.map { $0 == size ? smaller : $0 }
    let strides = shape.rowMajorStrides
    let places = (0..<cutShape.elementCount).map { index -> Int in
      zip(cutShape.rowMajorStrides.indices, cutShape.rowMajorStrides).reduce(0) { sum, axis in
        sum + index / axis.1 % cutShape[axis.0] * strides[axis.0]
      }
    }
    let width = type.bitWidth / 8
    let picked = Tensor(type: type, shape: cutShape) { bytes in
      withBytes { source in
        for (index, place) in places.enumerated() {
          for byte in 0..<width { bytes[index * width + byte] = source[place * width + byte] }
        }
      }
    }
    guard type == .i64, rank == 1, let integers = picked.integers else { return picked }
    return Tensor(
      integers: integers.map { $0 == size ? smaller : $0 }, shape: cutShape, type: type)
  }
}

/// One way of making the numbers in a tensor simpler.
struct ValueStep: Sendable {
  let apply: @Sendable (Tensor) -> Tensor?

  static let all: [ValueStep] =
    [
      ValueStep { Tensor(zeros: $0.shape, type: $0.type) },
      ValueStep { tensor in mapped(tensor) { _ in 1 } },
      ValueStep { tensor in mapped(tensor) { $0.rounded() } },
      ValueStep { tensor in mapped(tensor) { $0.isFinite ? ($0 * 8).rounded() / 8 : 1 } },
    ] + (0..<32).flatMap { place in [0.0, 1.0].map { number in single(place, number) } }

  /// One element becomes a simple number.
  private static func single(_ place: Int, _ number: Double) -> ValueStep {
    ValueStep { tensor in
      guard place < tensor.elementCount, tensor.elementCount <= 32 else { return nil }
      var index = -1
      return mapped(tensor) { value in
        index += 1
        return index == place ? number : value
      }
    }
  }

  private static func mapped(_ tensor: Tensor, _ change: (Double) -> Double) -> Tensor? {
    guard tensor.type != .string, !tensor.type.isComplex, tensor.type != .i64, tensor.type != .u64
    else { return nil }
    return Tensor(doubles: tensor.doubles.map(change), shape: tensor.shape, type: tensor.type)
  }
}
