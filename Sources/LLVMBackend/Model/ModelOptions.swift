/// What a compiled model says of itself besides its program.
package struct ModelOptions: Sendable, Hashable {
  /// The most threads that it is meant to run on.
  package var threads: Int
  /// JSON for `martlet_metadata`.
  package var metadata: String

  package init(threads: Int = 1, metadata: String = "{}") {
    self.threads = threads
    self.metadata = metadata
  }
}
