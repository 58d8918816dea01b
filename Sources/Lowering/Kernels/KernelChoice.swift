/// What was chosen for a problem that several rows of a kernel table solve.
package struct KernelChoice: Hashable, Sendable {
  /// A kernel, or a sequence of them, that solves the problem.
  package struct Row: Hashable, Sendable {
    /// Operator and types, algorithm and tile, and after two underscores the width of vectors.
    package let name: String
    /// The estimated time, in vector multiply-adds.
    package let cost: Double
  }

  /// The label of the node's steps.
  package let label: String
  /// All that the choice depends on besides the target: equal problems have equal rows.
  package let problem: String
  /// From the one with the least estimated time.
  package let rows: [Row]
  /// The name of the row that was taken.
  package let chosen: String
}
