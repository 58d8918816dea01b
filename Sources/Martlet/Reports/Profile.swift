import Loops

/// Where the time of a run goes, held against what the machine can do.
public struct Profile: Encodable, Sendable {
  /// One launch of a kernel.
  public struct Step: Encodable, Sendable {
    /// Its place in the order of execution.
    public let number: Int
    /// The node that it is there for; empty for copies to the outputs.
    public let node: String
    /// What it computes or moves.
    public let label: String
    /// The operator that its node is counted under.
    public let kind: String
    public let kernel: String
    /// Which algorithm and sizes were chosen, and why; empty where there was no choice.
    public let note: String
    public let milliseconds: Double
    /// Of the time of all steps.
    public let share: Double
    /// Nil where a size is only computed by a step.
    public let load: Load?
  }

  /// What a step does, and the least time that the machine's limits leave for it.
  public struct Load: Encodable, Sendable {
    /// Operations that run, on surplus lanes too: two for a multiply-add.
    public let operations: Double
    /// Bytes of constants, read at least once.
    public let constantByteCount: Double
    /// Bytes of other values, read and written at least once.
    public let valueByteCount: Double
    /// False where data decide what runs: then this is an estimate.
    public let isExact: Bool
    public let gigaflopsPerSecond: Double
    public let gigabytesPerSecond: Double
    /// The limit that binds: `compute`, or a level that the bytes come from.
    public let limit: String
    /// The least time by that limit.
    public let limitMilliseconds: Double
    /// The least time as a share of the time taken.
    public let shareOfLimit: Double

    /// Operations for each byte.
    public var intensity: Double {
      operations / max(1, constantByteCount + valueByteCount)
    }
  }

  /// A node of the compiled graph with all steps that are there for it.
  public struct Node: Encodable, Sendable {
    public let name: String
    /// The model's operators in it.
    public let ops: [String]
    public let kind: String
    public let steps: Int
    public let milliseconds: Double
    public let share: Double
    /// As the model means it, whatever the algorithm: direct convolution's for a Winograd convolution.
    public let multiplyAccumulates: Int?
    /// Two operations for each of these multiply-accumulates; may be above the limit.
    public let effectiveGigaflopsPerSecond: Double?
  }

  /// All nodes of one operator.
  public struct Operator: Encodable, Sendable {
    public let kind: String
    public let nodes: Int
    public let milliseconds: Double
    public let share: Double
    public let effectiveGigaflopsPerSecond: Double?
    /// The least time that the limits leave, as a share of the time taken; of steps whose work is known.
    public let shareOfLimit: Double?
  }

  public let milliseconds: Double
  public let limits: MachineLimits
  /// In the order of execution.
  public let steps: [Step]
  /// The slowest first, as are operators.
  public let nodes: [Node]
  public let operators: [Operator]

  /// The operator that copies to a program's outputs are counted under.
  static let outputs = "(outputs)"

  public init(_ measured: ProfileMeasurement, limits: MachineLimits) {
    let total = measured.steps.map(\.milliseconds).reduce(0, +)
    func share(_ milliseconds: Double) -> Double { total > 0 ? milliseconds / total : 0 }
    let facts = Dictionary(measured.nodes.map { ($0.name, $0) }) { first, _ in first }
    milliseconds = total
    self.limits = limits
    steps = measured.steps.enumerated().map { number, step in
      Step(
        number: number, node: step.node, label: step.label,
        kind: facts[step.node]?.kind ?? Self.outputs, kernel: step.kernel, note: step.note,
        milliseconds: step.milliseconds, share: share(step.milliseconds),
        load: step.work.map {
          Load($0, step, limits: limits, runByteCount: Double(measured.runByteCount))
        })
    }
    nodes = Dictionary(grouping: steps, by: \.node).map { name, steps in
      let time = steps.map(\.milliseconds).reduce(0, +)
      let work = facts[name]?.multiplyAccumulates.flatMap { $0 > 0 ? $0 : nil }
      return Node(
        name: name, ops: facts[name]?.ops ?? [], kind: steps[0].kind, steps: steps.count,
        milliseconds: time, share: share(time), multiplyAccumulates: work,
        effectiveGigaflopsPerSecond: work.map { Self.rate(2 * Double($0), time) })
    }.sorted { ($1.milliseconds, $0.name) < ($0.milliseconds, $1.name) }
    let byKind = Dictionary(grouping: steps, by: \.kind)
    operators = Dictionary(grouping: nodes, by: \.kind).map { kind, nodes in
      let time = nodes.map(\.milliseconds).reduce(0, +)
      let work = nodes.compactMap(\.multiplyAccumulates).reduce(0, +)
      let loaded = byKind[kind, default: []].filter { $0.load != nil }
      let least = loaded.compactMap { $0.load?.limitMilliseconds }.reduce(0, +)
      let taken = loaded.map(\.milliseconds).reduce(0, +)
      return Operator(
        kind: kind, nodes: nodes.count, milliseconds: time, share: share(time),
        effectiveGigaflopsPerSecond: work > 0 ? Self.rate(2 * Double(work), time) : nil,
        shareOfLimit: taken > 0 ? least / taken : nil)
    }.sorted { ($1.milliseconds, $0.kind) < ($0.milliseconds, $1.kind) }
  }

  /// Units of 10^9 in a second.
  fileprivate static func rate(_ amount: Double, _ milliseconds: Double) -> Double {
    milliseconds > 0 ? amount / milliseconds / 1e6 : 0
  }
}

extension Profile.Load {
  /// A step can take no less than its arithmetic, and no less than its bytes take to come from where they are: constants
  /// from the level that holds all that a run touches, since they were last read a run ago; other values from the level
  /// that holds what the step touches, since a step before has just made them.
  fileprivate init(
    _ work: KernelWork, _ step: MeasuredStep, limits: MachineLimits, runByteCount: Double
  ) {
    var (constants, values) = (0.0, 0.0)
    for (number, isConstant) in step.isConstant.enumerated() {
      let bytes = work.readByteCounts[number] + work.writtenByteCounts[number]
      if isConstant { constants += bytes } else { values += bytes }
    }
    let bytePeak = limits.byteGigaopsPerSecond ?? limits.gigaflopsPerSecond
    let computing =
      (work.floatOperations / limits.gigaflopsPerSecond + work.byteOperations / bytePeak) / 1e6
    func moving(_ bytes: Double, _ level: MachineLimits.Level?) -> Double {
      level.map { bytes / $0.gigabytesPerSecond / 1e6 } ?? 0
    }
    let far = limits.level(holding: runByteCount)
    let near = limits.level(holding: constants + values)
    let (constantTime, valueTime) = (moving(constants, far), moving(values, near))
    operations = work.floatOperations + work.byteOperations
    constantByteCount = constants
    valueByteCount = values
    isExact = work.isExact
    gigaflopsPerSecond = Profile.rate(operations, step.milliseconds)
    gigabytesPerSecond = Profile.rate(constants + values, step.milliseconds)
    let isComputing = computing >= constantTime + valueTime
    let level = (constantTime > valueTime ? far : near)?.name ?? "memory"
    limit = isComputing ? "compute" : level
    limitMilliseconds = max(computing, constantTime + valueTime)
    shareOfLimit = step.milliseconds > 0 ? limitMilliseconds / step.milliseconds : 0
  }
}
