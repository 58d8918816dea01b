/// What a compiled model is written as.
public enum ArtefactKind: Sendable {
  case sharedLibrary
  case staticLibrary
  case object
  case executable

  /// By the extension of the file: `.so`, `.a`, `.o`, and none for an executable.
  public init(path: String) {
    switch path {
    case _ where path.hasSuffix(".so"): self = .sharedLibrary
    case _ where path.hasSuffix(".a"): self = .staticLibrary
    case _ where path.hasSuffix(".o"): self = .object
    default: self = .executable
    }
  }

  /// Whether a C header is written beside it.
  public var hasHeader: Bool { self != .executable }
  /// Whether functions carry the model's name, so that several models link into one program.
  var isNamedAfterModel: Bool { self == .staticLibrary || self == .object }
}
