import CLLVM
import Diagnostics
import Loops
import Tensors

/// Programs inside programs.
extension DescriptorEmitter {
  /// The `martlet_region` of a step, in memory.
  func region(
    _ region: Program.Region, _ data: ConstantData, _ values: inout ModelValues,
    _ computeCount: inout Int
  ) throws(Diagnostic) -> LLVMValueRef {
    var bodies: [LLVMValueRef] = []
    for body in region.bodies {
      bodies.append(data.reference(try model(body, &computeCount, data)))
    }
    let arguments = region.arguments.map { argument in
      data.structure([
        data.int32(argument.memory ?? -1), data.int32(Int(argument.element.rawValue)),
        data.int32(argument.shape.count),
        data.indices(argument.shape.map { values.number(of: $0) }),
      ])
    }
    let results = region.results.map { result in
      let defined = result.shape.map { dimension in
        dimension.asSymbol.map { region.defines.contains($0) ? 1 : 0 } ?? 0
      }
      return data.structure([
        data.int32(result.memory ?? -1), data.int32(Int(result.element.rawValue)),
        data.int32(result.shape.count), data.indices(result.shape.map { values.number(of: $0) }),
        data.indices(defined),
        data.array(emptyShape(of: result).map { data.int64($0) }),
      ])
    }
    let (kind, carried) =
      switch region.kind {
      case .branches: (1, 0)
      case .loop(let carried): (2, carried)
      }
    return data.reference(
      data.structure([
        data.int32(kind), data.int32(carried), data.int32(arguments.count),
        data.int32(results.count), data.array(arguments), data.array(results), data.array(bodies),
      ]))
  }

  /// The shape of what a loop has collected before its first run.
  private func emptyShape(of result: Program.Region.Port) -> [Int] {
    result.shape.enumerated().map { axis, dimension in axis == 0 ? 0 : dimension.value ?? 0 }
  }
}
