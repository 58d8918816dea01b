package import Tensors

/// What will run: buffers, the distinct kernels, and the order in which they are launched on which buffers.
///
/// Sizes are index expressions over the program's symbols, which are bound from the shapes of the inputs when a
/// session first sees them. A program without symbols needs one arena of fixed size and nothing else at run time.
package struct Program: Sendable {
  /// An input or output as the caller sees it: row-major, contiguous, in the model's order.
  package struct Port: Hashable, Sendable {
    package var name: String
    package var element: ElementType
    package var shape: [IndexExpr]

    package init(name: String, element: ElementType, shape: [IndexExpr]) {
      self.name = name
      self.element = element
      self.shape = shape
    }
  }

  package struct Memory: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      case input(Int)
      case output(Int)
      /// Constant bytes at this offset in `constants`.
      case constant(offset: Int)
      /// Working memory: at this offset in the arena, or where the run-time plan puts it (symbolic sizes).
      case arena(offset: Int?)
      /// So many bytes into another working memory, inside it.
      case part(of: Int, byteOffset: Int)
    }

    package var name: String
    package var kind: Kind
    package var byteCount: IndexExpr
    /// The first and the last step that touch it; only working memory needs them.
    package var firstStep: Int
    package var lastStep: Int

    package init(
      name: String, kind: Kind, byteCount: IndexExpr, firstStep: Int = 0, lastStep: Int = 0
    ) {
      self.name = name
      self.kind = kind
      self.byteCount = byteCount
      self.firstStep = firstStep
      self.lastStep = lastStep
    }
  }

  /// One launch of a kernel.
  package struct Step: Hashable, Sendable {
    /// The operator that it computes, for profiles and messages: the node's own name.
    package var label: String
    package var kernel: Int
    /// For each buffer parameter of the kernel, a number in `buffers`.
    package var buffers: [Int]
    /// For each value parameter of the kernel, its value.
    package var values: [IndexExpr]
    /// Iterations that a thread claims at a time.
    package var grain: Int
    /// A symbol that the step computes: read as an `i64` from the start of its last buffer when the step is done.
    package var defines: Symbol?
    /// The graph's node that the step is there for; empty for what copies results to the program's outputs.
    package var node: String
    /// Which algorithm and sizes were chosen, and why; empty where there was no choice.
    package var note: String
    /// Programs that the step runs in place of its kernel, or whose results it takes.
    package var region: RegionPart?

    package init(
      label: String, kernel: Int, buffers: [Int], values: [IndexExpr] = [], grain: Int = 1,
      defines: Symbol? = nil, node: String = "", note: String = ""
    ) {
      self.node = node
      self.note = note
      self.label = label
      self.kernel = kernel
      self.buffers = buffers
      self.values = values
      self.grain = grain
      self.defines = defines
    }
  }

  /// What two sizes must be to each other before a step may run: a run in which they are not stops with a message.
  package struct Check: Hashable, Sendable {
    package enum Relation: Hashable, Sendable {
      case equal
      /// Equal, or the size is 1 and repeats.
      case equalOrOne
      /// Equal or less.
      case atMost
    }

    /// The operator that asks for it: the node's own name.
    package var label: String
    /// Which size it is, for messages.
    package var subject: String
    package var size: IndexExpr
    package var relation: Relation
    package var expected: IndexExpr
    /// The step before which both are known and compared.
    package var step: Int

    package init(
      label: String, subject: String, size: IndexExpr, relation: Relation, expected: IndexExpr,
      step: Int = 0
    ) {
      self.label = label
      self.subject = subject
      self.size = size
      self.relation = relation
      self.expected = expected
      self.step = step
    }
  }

  /// Packed constants: where each one starts, and its bytes. Those with equal bytes are stored once.
  package struct Constants: Sendable {
    package private(set) var entries: [(offset: Int, tensor: Tensor)] = []
    package private(set) var byteCount = 0
    /// Which entries have a number of bytes.
    private var entriesOfSize: [Int: [Int]] = [:]

    package init() {}

    /// Stores the bytes of a tensor, aligned to 64, and returns their offset.
    ///
    /// - Complexity: linear in the bytes of a tensor that is known; others differ early from those of their size.
    package mutating func append(_ tensor: Tensor) -> Int {
      let known = entriesOfSize[tensor.byteCount, default: []]
      if let equal = known.first(where: { entries[$0].tensor.hasEqualBytes(tensor) }) {
        return entries[equal].offset
      }
      let offset = (byteCount + 63) / 64 * 64
      entriesOfSize[tensor.byteCount, default: []].append(entries.count)
      entries.append((offset, tensor))
      byteCount = offset + tensor.byteCount
      return offset
    }
  }

  package var name: String
  package var inputs: [Port]
  package var outputs: [Port]
  package var buffers: [Memory]
  package var kernels: [Kernel]
  package var steps: [Step]
  package var checks: [Check]
  package var constants: Constants
  /// Bytes of the arena when every size is known; nil when it is planned at run time.
  package var arenaByteCount: Int?
  /// Programs that do the same for inputs of one size each, with the kernels and constants of this one.
  package var specialised: [Program] = []
  /// Why the program cannot run for any input, where it is inside another one that may never ask for it.
  package var refusal: String?

  package init(
    name: String, inputs: [Port], outputs: [Port], buffers: [Memory] = [], kernels: [Kernel] = [],
    steps: [Step] = [], checks: [Check] = [], constants: Constants = Constants(),
    arenaByteCount: Int? = nil
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.buffers = buffers
    self.kernels = kernels
    self.steps = steps
    self.checks = checks
    self.constants = constants
    self.arenaByteCount = arenaByteCount
  }

  /// Symbols bound from the inputs' shapes, in the order of their first occurrence as a whole dimension.
  package var inputSymbols: [Symbol] {
    var found: [Symbol] = []
    for dimension in inputs.lazy.flatMap(\.shape) {
      if let symbol = dimension.asSymbol, !found.contains(symbol) { found.append(symbol) }
    }
    return found
  }
}
