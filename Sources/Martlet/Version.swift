/// The version that the command prints and that artefacts carry in their metadata.
public let martletVersion = "0.1.0"
