public import Diagnostics
import Lowering

extension Model {
  /// Everything that keeps a model from being compiled for a target, and the warnings; empty when there is nothing to
  /// say.
  public static func problems(
    at path: String, shapes: [ShapeBinding] = [], target: String = "native"
  ) -> DiagnosticList {
    do throws(DiagnosticList) {
      var model = try Model(contentsOf: path)
      var found = model.warnings
      do throws(Diagnostic) {
        try model.bind(shapes)
        found.append(contentsOf: try model.nativeProblems(target))
      } catch {
        found.append(error)
      }
      return found
    } catch {
      return error
    }
  }

  /// The nodes that have no native code.
  private func nativeProblems(_ target: String) throws(Diagnostic) -> DiagnosticList {
    let target = try TargetSelection.target(target)
    var optimized = graph
    _ = try Optimizer().run(.compile, on: &optimized)
    do throws(DiagnosticList) {
      _ = try GraphLowering.lower(optimized, for: target)
      return DiagnosticList()
    } catch {
      return error
    }
  }
}
