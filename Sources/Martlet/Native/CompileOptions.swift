/// What a user may choose about a compilation.
public struct CompileOptions: Sendable {
  /// Each `native`, one of `TargetSelection.names`, or `TRIPLE[:CPU[:FEATURES]]`; a variant is compiled for each.
  public var targets = ["native"]
  /// The most threads that a run may use; 0 leaves it to the machine that runs.
  public var threads = 0
  /// Sizes that have code of their own beside that for all sizes; each set binds everything that the model leaves open.
  public var specialisations: [[ShapeBinding]] = []
  /// What the code may do.
  public var code = CodeOptions()
  /// How passes are watched.
  public var passes = PassSettings()
  /// Record a run of the interpreter, which the artefact's self-test replays.
  public var recordsRun = true
  /// Seed for the inputs of the recorded run.
  public var recordingSeed: UInt64 = 1

  public init() {}

  /// What "all" means in an artefact that does not know its machine.
  static let unlimitedThreads = 64
}
