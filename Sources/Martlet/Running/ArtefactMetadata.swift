import Foundation
import IR
import Tensors

/// What an artefact says about itself, as JSON, through `martlet_metadata`.
public struct ArtefactMetadata: Codable, Sendable {
  /// One input or output.
  public struct Port: Codable, Sendable {
    public let name: String
    /// The textual IR's spelling, such as `f32`.
    public let type: String
    /// Numbers, and what the model leaves open as text, such as `N`.
    public let shape: [Dimension]
  }

  /// A number, or an expression of symbols.
  public enum Dimension: Codable, Sendable, Hashable {
    case number(Int)
    case expression(String)

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        self = .number(number)
      } else {
        self = .expression(try container.decode(String.self))
      }
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .number(let number): try container.encode(number)
      case .expression(let text): try container.encode(text)
      }
    }
  }

  public let name: String
  /// Of the compiler.
  public let version: String
  public let inputs: [Port]
  public let outputs: [Port]
  /// The most threads that a run uses.
  public let threads: Int
  /// Bytes of working memory, enough for every variant; nil when they depend on the shapes.
  public let workspaceBytes: Int?
  /// The targets that the artefact holds code for, the best first.
  public let variants: [String]

  public init(
    name: String, signature: Signature, threads: Int, workspaceBytes: Int?, variants: [String]
  ) {
    self.name = name
    version = martletVersion
    inputs = signature.inputs.map(Port.init)
    outputs = signature.outputs.map(Port.init)
    self.threads = threads
    self.workspaceBytes = workspaceBytes
    self.variants = variants
  }

  /// The text that the artefact carries.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }

  /// Inputs and outputs as types; nil when an element type or an expression is not known here.
  func signature(source: String) -> Signature? {
    let inputs = inputs.compactMap(\.port)
    let outputs = outputs.compactMap(\.port)
    guard inputs.count == self.inputs.count, outputs.count == self.outputs.count else { return nil }
    return Signature(source: source, inputs: inputs, outputs: outputs)
  }
}

extension ArtefactMetadata.Port {
  init(_ port: Signature.Port) {
    name = port.name
    type = port.type.tensor?.element.description ?? port.type.description
    shape = (port.type.tensor?.shape ?? []).map { dimension in
      dimension.value.map { .number($0) } ?? .expression(dimension.description)
    }
  }

  fileprivate var port: Signature.Port? {
    guard let element = ElementType.allCases.first(where: { $0.description == type }) else {
      return nil
    }
    let dimensions = shape.map { dimension in
      switch dimension {
      case .number(let number): IndexExpr(number)
      case .expression(let text): IndexExpr.symbol(text)
      }
    }
    return Signature.Port(name: name, type: .tensor(element, dimensions))
  }
}
