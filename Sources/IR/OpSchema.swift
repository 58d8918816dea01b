public import Tensors

/// Which element types an operator's type variable may stand for.
public struct TypeSet: Sendable, Hashable, ExpressibleByArrayLiteral {
  public let types: Set<ElementType>

  public init(_ types: some Sequence<ElementType>) { self.types = Set(types) }
  public init(arrayLiteral elements: ElementType...) { self.init(elements) }

  public func contains(_ type: ElementType) -> Bool { types.contains(type) }
  public func union(_ other: TypeSet) -> TypeSet { TypeSet(types.union(other.types)) }

  public static let floats: TypeSet = [.f16, .bf16, .f32, .f64]
  public static let signedIntegers: TypeSet = [.i8, .i16, .i32, .i64]
  public static let unsignedIntegers: TypeSet = [.u8, .u16, .u32, .u64]
  public static let integers = signedIntegers.union(unsignedIntegers)
  public static let numeric = integers.union(floats)
  public static let signed = signedIntegers.union(floats)
  public static let bool: TypeSet = [.bool]
  public static let indices: TypeSet = [.i32, .i64]
  public static let i64: TypeSet = [.i64]
  public static let all = TypeSet(ElementType.allCases)
}

/// The form of an operator: its name, the opsets that changed it, its inputs and outputs.
///
/// Arity and types are checked from here once for all operators, so shape rules and reference computations may
/// rely on them.
public struct OpSchema: Sendable {
  public struct Parameter: Sendable {
    public enum Occurrence: Sendable, Hashable {
      case required
      case optional
      /// The last parameter: any number, at least `minimum`.
      case variadic(minimum: Int)
    }

    public let name: String
    /// A type variable, or empty when the parameter is not checked (sequences, heterogeneous variadics).
    public let type: String
    public let occurrence: Occurrence

    public static func required(_ name: String, _ type: String) -> Parameter {
      Parameter(name: name, type: type, occurrence: .required)
    }
    public static func optional(_ name: String, _ type: String) -> Parameter {
      Parameter(name: name, type: type, occurrence: .optional)
    }
    public static func variadic(_ name: String, _ type: String, minimum: Int = 1) -> Parameter {
      Parameter(name: name, type: type, occurrence: .variadic(minimum: minimum))
    }
  }

  /// Empty for the standard's default domain.
  public let domain: String
  public let name: String
  /// Opsets that introduced or changed the operator, ascending.
  public let versions: [Int]
  public let inputs: [Parameter]
  public let outputs: [Parameter]
  public let types: [String: TypeSet]

  public init(
    _ name: String, domain: String = "", versions: [Int], inputs: [Parameter],
    outputs: [Parameter], types: [String: TypeSet] = [:]
  ) {
    self.domain = domain
    self.name = name
    self.versions = versions
    self.inputs = inputs
    self.outputs = outputs
    self.types = types
  }

  /// The operator's spelling in text: `martlet.Fused`, `Conv`.
  public var qualifiedName: String { domain.isEmpty ? name : "\(domain).\(name)" }

  /// The parameter that input or output number `index` belongs to.
  public static func parameter(_ index: Int, in list: [Parameter]) -> Parameter? {
    if index < list.count { return list[index] }
    if let last = list.last, case .variadic = last.occurrence { return last }
    return nil
  }
}
